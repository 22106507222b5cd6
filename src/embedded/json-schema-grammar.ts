/**
 * Converts a JSON schema to a grammar in llama.cpp's notation (GBNF), with the scope of llama.cpp's own converter:
 * properties in the order of the schema, required ones first. Lengths, counts and integer ranges are enforced;
 * bounds of non-integers are not. Annotations are ignored.
 */
import { HttpProblem } from './reply.ts'
import { integerRange } from './integer-range-grammar.ts'

type Schema = Readonly<Record<string, unknown>>

const primitives: Readonly<Record<string, string>> = {
  space: String.raw`| " " | "\n"{1,2} [ \t]{0,20}`,
  boolean: '("true" | "false") space',
  null: '"null" space',
  char: String.raw`[^"\\\x7F\x00-\x1F] | [\\] (["\\bfnrt] | "u" [0-9a-fA-F]{4})`,
  string: String.raw`"\"" char* "\"" space`,
  'integral-part': '[0] | [1-9] [0-9]{0,15}',
  number: '"-"? integral-part ("." [0-9]{1,16})? ([eE] [-+]? [0-9]{1,2})? space',
  integer: '"-"? integral-part space',
  value: 'object | array | string | number | boolean | null',
  object: '"{" space (string ":" space value ("," space string ":" space value)*)? "}" space',
  array: '"[" space (value ("," space value)*)? "]" space',
  date: '[0-9]{4} "-" ("0" [1-9] | "1" [0-2]) "-" ("0" [1-9] | [1-2] [0-9] | "3" [0-1])',
  time: '([01] [0-9] | "2" [0-3]) ":" [0-5] [0-9] ":" [0-5] [0-9] ("." [0-9]{3})? ("Z" | ("+" | "-") ([01] [0-9] | "2" [0-3]) ":" [0-5] [0-9])',
  'date-time': 'date "T" time',
  uuid: '[0-9a-fA-F]{8} "-" [0-9a-fA-F]{4} "-" [0-9a-fA-F]{4} "-" [0-9a-fA-F]{4} "-" [0-9a-fA-F]{12}',
}

/** The grammar of any JSON object. */
const anyObjectGrammar = (): string => printGrammar(new Map([['root', 'object']]))

/** @throws HttpProblem 400 for an unsupported schema */
export function grammarOfSchema(schema: object): string {
  const converter = new SchemaConverter(schema)
  return printGrammar(converter.convert())
}

const printGrammar = (rules: ReadonlyMap<string, string>): string =>
  [...Object.entries(primitives), ...rules].map(([name, body]) => `${name} ::= ${body}\n`).join('')

class SchemaConverter {
  readonly #root: unknown
  /** Rules of `$ref` targets, by pointer, so that a schema may refer to itself. */
  readonly #references = new Map<string, string>()
  readonly #rules = new Map<string, string>()

  constructor(root: unknown) {
    this.#root = root
  }

  convert(): ReadonlyMap<string, string> {
    this.#rules.set('root', this.#expression(this.#root))
    return this.#rules
  }

  #expression(written: unknown): string {
    if (written === true) return 'value'
    if (!isSchema(written)) throw invalidFormat(`${JSON.stringify(written)} is not a schema`)
    const schema = this.#merged(written)
    const { $ref: reference, const: constant, enum: choices, type } = schema
    if (typeof reference === 'string') return this.#reference(reference)
    const branches = schema['oneOf'] ?? schema['anyOf']
    if (Array.isArray(branches)) return anyOf(branches.map((branch) => this.#expression(branch)))
    if ('const' in schema) return literal(constant)
    if (Array.isArray(choices)) return anyOf(choices.map(literal))
    if (Array.isArray(type))
      return anyOf(type.map((single: unknown) => this.#expression({ ...schema, type: single })))
    return this.#typed(schema, type ?? impliedType(schema))
  }

  #typed(schema: Schema, type: unknown): string {
    switch (type) {
      case 'object':
        return this.#object(schema)
      case 'array':
        return this.#array(schema)
      case 'string':
        return stringExpression(schema)
      case 'integer':
        return integerExpression(schema)
      case 'number':
      case 'boolean':
      case 'null':
        return type
      case undefined:
        return 'value'
      default:
        throw invalidFormat(`type ${JSON.stringify(type)} is unknown`)
    }
  }

  #object(schema: Schema): string {
    const properties = isSchema(schema['properties']) ? schema['properties'] : {}
    const required = new Set(Array.isArray(schema['required']) ? schema['required'] : [])
    const pairs = Object.entries(properties).map(([key, value]) => ({
      isRequired: required.has(key),
      text: `${quote(JSON.stringify(key))} space ":" space ${this.#expression(value)}`,
    }))
    const additional = this.#additional(schema, pairs.length)
    const requiredPairs = pairs.filter(({ isRequired }) => isRequired).map(({ text }) => text)
    const optionalPairs = pairs.filter(({ isRequired }) => !isRequired).map(({ text }) => text)
    const tail = (from: number): string[] => [
      ...optionalPairs.slice(from).map((pair) => `("," space ${pair})?`),
      ...(additional === undefined ? [] : [`("," space ${additional})*`]),
    ]
    const alternatives = [...optionalPairs, ...(additional === undefined ? [] : [additional])].map(
      (first, index) => [first, ...tail(index + 1)].join(' '),
    )
    const members =
      requiredPairs.length > 0
        ? [requiredPairs.join(' "," space '), ...tail(0)].join(' ')
        : alternatives.length > 0
          ? `(${alternatives.join(' | ')})?`
          : ''
    return `"{" space ${members} "}" space`
  }

  /** Rule for additional properties; undefined if the schema allows none. */
  #additional(schema: Schema, propertyCount: number): string | undefined {
    const written = schema['additionalProperties'] ?? propertyCount === 0
    if (written === false) return undefined
    return `string ":" space ${this.#expression(written)}`
  }

  #array(schema: Schema): string {
    const prefixItems = schema['prefixItems']
    if (Array.isArray(prefixItems))
      return `"[" space ${prefixItems.map((item) => this.#expression(item)).join(' "," space ')} "]" space`
    const item = this.#expression(schema['items'] ?? true)
    const min = count(schema['minItems']) ?? 0
    const max = count(schema['maxItems'])
    if (max === 0) return '"[" space "]" space'
    const others = repeat(`("," space ${item})`, Math.max(0, min - 1), max && max - 1)
    return `"[" space (${item} ${others})${min === 0 ? '?' : ''} "]" space`
  }

  #reference(pointer: string): string {
    const known = this.#references.get(pointer)
    if (known !== undefined) return known
    const name = `ref-${String(this.#references.size)}`
    this.#references.set(pointer, name)
    this.#rules.set(name, this.#expression(this.#resolve(pointer)))
    return name
  }

  #resolve(pointer: string): unknown {
    if (!pointer.startsWith('#'))
      throw invalidFormat(`$ref ${JSON.stringify(pointer)} points outside the schema`)
    const parts = pointer
      .slice(1)
      .split('/')
      .filter((part) => part !== '')
    return parts.reduce<unknown>((parent, part) => {
      const key = decodeURIComponent(part).replaceAll('~1', '/').replaceAll('~0', '~')
      if (!isSchema(parent) || !(key in parent))
        throw invalidFormat(`$ref ${JSON.stringify(pointer)} points to nothing`)
      return parent[key]
    }, this.#root)
  }

  /** Merges `allOf` into its schema: properties and required names are combined. */
  #merged(schema: Schema): Schema {
    const { allOf, ...otherKeys } = schema
    if (!Array.isArray(allOf)) return schema
    return allOf.reduce<Schema>((merged, written: unknown) => {
      const target = isSchema(written) ? written['$ref'] : undefined
      const part = typeof target === 'string' ? this.#resolve(target) : written
      if (!isSchema(part)) throw invalidFormat('allOf contains something that is not a schema')
      return mergeSchemas(merged, this.#merged(part))
    }, otherKeys)
  }
}

function mergeSchemas(left: Schema, right: Schema): Schema {
  const objects = [left['properties'], right['properties']].filter(isSchema)
  const lists = [left['required'], right['required']].filter((list) => Array.isArray(list))
  return {
    ...left,
    ...right,
    ...(objects.length > 0 && { properties: Object.assign({}, ...objects) as unknown }),
    ...(lists.length > 0 && { required: lists.flat() as unknown }),
  }
}

function stringExpression(schema: Schema): string {
  const { format, pattern } = schema
  if (pattern !== undefined)
    throw invalidFormat('the keyword `pattern` is not supported by the embedded engine')
  if (typeof format === 'string' && ['date', 'time', 'date-time', 'uuid'].includes(format))
    return String.raw`"\"" ${format} "\"" space`
  const min = count(schema['minLength']) ?? 0
  const max = count(schema['maxLength'])
  return min === 0 && max === undefined
    ? 'string'
    : String.raw`"\"" ${repeat('char', min, max)} "\"" space`
}

function integerExpression(schema: Schema): string {
  const number = (key: string): number | undefined => {
    const value = schema[key]
    return typeof value === 'number' ? value : undefined
  }
  const above = number('exclusiveMinimum')
  const below = number('exclusiveMaximum')
  const min = above === undefined ? number('minimum') : Math.floor(above) + 1
  const max = below === undefined ? number('maximum') : Math.ceil(below) - 1
  if (min === undefined && max === undefined) return 'integer'
  const range = integerRange(min && Math.ceil(min), max && Math.floor(max))
  if (range === undefined) throw invalidFormat('no whole number lies between minimum and maximum')
  return `(${range}) space`
}

function impliedType(schema: Schema): string | undefined {
  if ('properties' in schema || 'additionalProperties' in schema) return 'object'
  if ('items' in schema || 'prefixItems' in schema) return 'array'
  if ('pattern' in schema || 'minLength' in schema || 'maxLength' in schema) return 'string'
  return undefined
}

function repeat(expression: string, min: number, max: number | undefined): string {
  if (min === 0 && max === undefined) return `${expression}*`
  return `${expression}{${String(min)},${max === undefined ? '' : String(max)}}`
}

const anyOf = (expressions: readonly string[]): string => `(${expressions.join(' | ')})`

const literal = (value: unknown): string => `${quote(JSON.stringify(value))} space`

const quote = (text: string): string =>
  `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n').replaceAll('\r', '\\r')}"`

const count = (value: unknown): number | undefined =>
  typeof value === 'number' && Number.isInteger(value) && value >= 0 ? value : undefined

const isSchema = (value: unknown): value is Schema =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const invalidFormat = (why: string): HttpProblem =>
  new HttpProblem(400, `failed to initialize the grammar of the format: ${why}`)

/**
 * Returns the grammar of the answer in llama.cpp's notation, or undefined for free text.
 * @throws HttpProblem 500, with Ollama's message, if `format` is neither `json` nor an object
 * @throws HttpProblem 400 for an unsupported schema
 */
export function grammarOfFormat(format: unknown): string | undefined {
  if (format === undefined || format === null || format === '') return undefined
  if (format === 'json') return anyObjectGrammar()
  if (typeof format !== 'object' || Array.isArray(format))
    throw new HttpProblem(
      500,
      `invalid format: ${JSON.stringify(JSON.stringify(format))}; expected "json" or a valid JSON Schema object`,
    )
  return grammarOfSchema(format)
}
