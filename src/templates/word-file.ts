/**
 * Reads a YAML file of words. A word is a short text of a report or of the terminal: anything from a label to a few
 * sentences. Input: lines of `id: text`, where the text is a Handlebars template. Output: for each word, the names of
 * its values, or a function that fills them in.
 */
import { isMap, isScalar, LineCounter, parseDocument, type Pair } from 'yaml'
import { withoutStacks, yamlTokens } from '../json/yaml-depth.ts'
import { didYouMean } from '../errors/did-you-mean.ts'
import { checkTemplate, isNode, isPath, orAbsent, templateError } from './check-template.ts'
import { group, text } from './shape.ts'
import { newTemplateEngine, type TemplateFile, type TemplateEngine } from './templates.ts'

/** The ids of words with the values that each may name. */
export type WordParameters = Readonly<Record<string, readonly string[]>>

/** Fills values into a word. @param textOf returns the value with this name */
export type CompiledWord = (textOf: (name: string) => string) => string

/** @throws `ExpError('template')` if a word is missing, is unknown, or names an unknown value */
export function compileWords(
  source: TemplateFile,
  parameters: WordParameters,
): ReadonlyMap<string, CompiledWord> {
  const engine = newTemplateEngine()
  const templates = new Map<string, CompiledWord>()
  for (const { id, template, line } of readEntries(source)) {
    const names = Object.hasOwn(parameters, id) ? parameters[id] : undefined
    if (names === undefined)
      throw templateError(
        source.file,
        line,
        `unknown word \`${id}\``,
        didYouMean(id, Object.keys(parameters)),
      )
    if (templates.has(id))
      throw templateError(source.file, line, `the word \`${id}\` is duplicated`, 'keep one of them')
    templates.set(id, compileWord({ id, template, line }, names, source.file, engine))
  }
  for (const id of Object.keys(parameters))
    if (!templates.has(id))
      throw templateError(source.file, 1, `the word \`${id}\` is missing`, 'add a line for it')
  return templates
}

function compileWord(
  { id, template, line }: Entry,
  names: readonly string[],
  file: string,
  engine: TemplateEngine,
): CompiledWord {
  // Most words hold only text and values, which need no template engine.
  const parts = template.split(/\{\{(\w+)\}\}/)
  const isName = (index: number) => index % 2 === 1
  if (parts.every((part, at) => (isName(at) ? names.includes(part) : !/[{\\]/.test(part))))
    return (textOf) =>
      parts.reduce((text, part, at) => text + (isName(at) ? textOf(part) : part), '')
  const program = engine.parse(template, file, line)
  const shape = group(id, Object.fromEntries(names.map((name) => [name, text(name)])))
  checkTemplate(id, new Map([[id, { file, program, firstLine: line }]]), shape)
  const render = engine.compile(template)
  return (textOf) => render(Object.fromEntries(names.map((name) => [name, textOf(name)])))
}

/**
 * The words of a file, in its order, each with the values that it names, in order of first use. In a word, the comment
 * `{{! also: a b }}` declares further values, which other locales or a project's own templates may name.
 * @throws `ExpError('template')` if the file is malformed
 */
export function wordParametersOf(source: TemplateFile): WordParameters {
  const engine = newTemplateEngine()
  return Object.fromEntries(
    readEntries(source).map(({ id, template, line }) => {
      const names = new Set(namesIn(engine.parse(template, source.file, line)))
      return [id, [...names]]
    }),
  )
}

function namesIn(program: hbs.AST.Program | undefined): readonly string[] {
  return program?.body.flatMap((statement) => namesOf(statement)) ?? []
}

function namesOf(statement: hbs.AST.Statement): readonly string[] {
  if (isNode(statement, 'CommentStatement')) {
    const [, also = ''] = /^\s*also:(.*)$/s.exec(statement.value) ?? []
    return also.split(/\s+/).filter((name) => name !== '')
  }
  if (isNode(statement, 'MustacheStatement'))
    return statement.params.length > 0 ? pathNames(statement.params) : pathNames([statement.path])
  if (isNode(statement, 'BlockStatement'))
    return [
      ...pathNames(statement.params),
      ...namesIn(statement.program),
      ...namesIn(orAbsent(statement.inverse)),
    ]
  return []
}

function pathNames(expressions: readonly hbs.AST.Expression[]): readonly string[] {
  return expressions.flatMap((expression) =>
    isPath(expression) ? expression.parts.slice(0, 1) : [],
  )
}

interface Entry {
  readonly id: string
  readonly template: string
  readonly line: number
}

function readEntries({ file, text: source }: TemplateFile): readonly Entry[] {
  const read = yamlTokens(source)
  if ('failure' in read)
    throw templateError(file, 1, read.failure, 'write lines like `mark.better: ⬆️`')
  const counter = new LineCounter()
  // The library's check of duplicate keys takes quadratic time.
  const options = { lineCounter: counter, prettyErrors: false, uniqueKeys: false }
  const document = withoutStacks(() => parseDocument(source, options))
  const [problem] = document.errors
  if (problem) throw templateError(file, counter.linePos(problem.pos[0]).line, problem.message)
  if (!isMap(document.contents))
    throw templateError(file, 1, 'a file of words has lines like `mark.better: ⬆️`')
  return document.contents.items.map((pair) => entry(pair, file, counter))
}

function entry({ key, value }: Pair, file: string, counter: LineCounter): Entry {
  const line = isScalar(key) && key.range ? counter.linePos(key.range[0]).line : 1
  if (!isScalar(key) || !isScalar(value) || typeof value.value !== 'string')
    throw templateError(file, line, isScalar(key) ? `\`${String(key.value)}\` is not a text` : 'a key is not a text', 'write the text in quotes')
  return { id: String(key.value), template: value.value, line }
}
