/**
 * Checks before rendering that a template names only values that its shape declares. Handlebars renders nothing for
 * `{{#if}}` and `{{#each}}` of an unknown name, and reports no error.
 */
import { didYouMean } from '../errors/did-you-mean.ts'
import type { Shape } from './shape.ts'
import { ExpError } from '../errors/exp-error.ts'
import { beyond, limits } from '../errors/limits.ts'

/** The parsed templates by file name, including partials. */
export type ParsedTemplates = ReadonlyMap<string, ParsedTemplate>

export interface ParsedTemplate {
  readonly file: string
  readonly program: hbs.AST.Program
  /** The line of the file where the template starts, from 1. Default: 1. */
  readonly firstLine?: number
}

/** The helpers that templates may use, with the number of their parameters. */
export const helpers = { plural: 3 } as const

/** What the names in a block refer to. */
interface Scope {
  /** The shape of `this`. */
  readonly shape: Shape
  /** The scope of the enclosing block, which `../` refers to. */
  readonly outer?: Scope
  /** The shapes of block parameters, as in `{{#each groups as |group|}}`. */
  readonly names: ReadonlyMap<string, Shape>
  /** True in the items of a list, where `@index`, `@first` and `@last` exist. */
  readonly inList: boolean
}

/** The template that is checked, and where it is included. */
interface Place {
  readonly template: ParsedTemplate
  readonly templates: ParsedTemplates
  /** The files of the partials that include this one. */
  readonly includedBy: readonly string[]
  /**
   * The size of everything checked so far. A partial counts each time it is included. Limits on it bound the work of
 * rendering.
   */
  readonly size: { parts: number; characters: number }
}

/** @throws `ExpError('template')` with file, line and the nearest known name */
export function checkTemplate(name: string, templates: ParsedTemplates, shape: Shape): void {
  const template = templates.get(name)
  if (!template) throw new Error(`no template ${name}`)
  const scope: Scope = { shape, names: new Map(), inList: false }
  const size = { parts: 0, characters: 0 }
  checkProgram(template.program, scope, { template, templates, includedBy: [name], size })
}

function checkProgram(program: hbs.AST.Program | undefined, scope: Scope, place: Place): void {
  for (const statement of program?.body ?? []) checkStatement(statement, scope, place)
}

/** Limits the size, because partials that include others several times multiply it. */
function checkSize(statement: hbs.AST.Statement, place: Place): void {
  const { size } = place
  const { templateParts, templateText } = limits
  size.parts += 1
  if (isNode(statement, 'ContentStatement')) size.characters += statement.value.length
  if (size.parts > templateParts.max)
    fail(statement, place, `the templates have ${beyond(templateParts, size.parts)}`, templateParts.remedy)
  if (size.characters > templateText.max)
    fail(statement, place, `the templates have ${beyond(templateText, size.characters)}`, templateText.remedy)
}

function checkStatement(statement: hbs.AST.Statement, scope: Scope, place: Place): void {
  checkSize(statement, place)
  if (isNode(statement, 'ContentStatement') || isNode(statement, 'CommentStatement')) return
  if (isNode(statement, 'MustacheStatement')) checkMustache(statement, scope, place)
  else if (isNode(statement, 'BlockStatement')) checkBlock(statement, scope, place)
  else if (isNode(statement, 'PartialStatement')) checkPartial(statement, scope, place)
  else fail(statement, place, 'only values, blocks and partials are allowed here')
}

function checkMustache(statement: hbs.AST.MustacheStatement, scope: Scope, place: Place): void {
  if (statement.params.length > 0) {
    checkHelper(statement, scope, place)
    return
  }
  const shape = shapeOf(statement.path, scope, place)
  const { kind } = withoutOptional(shape)
  if (kind === 'list' || kind === 'group')
    fail(
      statement,
      place,
      `${sourceText(statement.path)} is a ${kind}, not a text`,
      kind === 'list'
        ? 'use it in {{#each}}'
        : 'name one of its values, or use it in {{#with}}',
    )
}

function checkHelper(statement: hbs.AST.MustacheStatement, scope: Scope, place: Place): void {
  const name = sourceText(statement.path).slice(1, -1)
  if (name !== 'plural')
    fail(statement, place, `unknown helper \`${name}\``, didYouMean(name, Object.keys(helpers)))
  if (statement.params.length !== helpers.plural)
    fail(
      statement,
      place,
      '`plural` takes a number and two words',
      'write it like {{plural n "round" "rounds"}}',
    )
  for (const parameter of statement.params) if (isPath(parameter)) shapeOf(parameter, scope, place)
}

const blockHelpers: readonly string[] = ['if', 'unless', 'each', 'with']

function checkBlock(statement: hbs.AST.BlockStatement, scope: Scope, place: Place): void {
  const name = statement.path.original
  const [parameter] = statement.params
  if (!blockHelpers.includes(name))
    fail(statement, place, `unknown block \`${name}\``, didYouMean(name, blockHelpers))
  if (parameter === undefined || !isPath(parameter) || statement.params.length > 1)
    fail(statement, place, `{{#${name}}} takes one value`)
  const shape = shapeOf(parameter, scope, place)
  checkProgram(statement.program, innerScope(name, shape, statement, scope, place), place)
  checkProgram(statement.inverse, scope, place)
}

function innerScope(
  name: string,
  shape: Shape,
  statement: hbs.AST.BlockStatement,
  scope: Scope,
  place: Place,
): Scope {
  if (name === 'if' || name === 'unless') return scope
  const value = withoutOptional(shape)
  const itemName = orAbsent(statement.program.blockParams)?.[0]
  const inner = (item: Shape, inList: boolean): Scope => ({
    shape: item,
    outer: scope,
    names: itemName === undefined ? scope.names : new Map([...scope.names, [itemName, item]]),
    inList,
  })
  if (name === 'with') return inner(value, false)
  if (value.kind !== 'list')
    fail(statement, place, `{{#each}} needs a list; this is a ${value.kind}`)
  return inner(value.item, true)
}

function checkPartial(statement: hbs.AST.PartialStatement, scope: Scope, place: Place): void {
  if (!isPath(statement.name) || statement.params.length > 1 || hasHash(statement))
    fail(statement, place, 'a partial takes a name and at most one value: {{> group}}')
  const file = `${statement.name.original}.hbs`
  const template = place.templates.get(file)
  if (!template)
    fail(
      statement,
      place,
      `unknown template \`${file}\``,
      didYouMean(file, [...place.templates.keys()]),
    )
  if (place.includedBy.includes(file)) fail(statement, place, `\`${file}\` includes itself`)
  const [context] = statement.params
  const shape =
    context && isPath(context) ? withoutOptional(shapeOf(context, scope, place)) : undefined
  checkProgram(template.program, shape ? { ...scope, shape, outer: scope } : scope, {
    ...place,
    template,
    includedBy: [...place.includedBy, file],
  })
}

function hasHash(statement: hbs.AST.PartialStatement): boolean {
  return (orAbsent(statement.hash)?.pairs.length ?? 0) > 0
}

/** The shape of the value that a path names. */
function shapeOf(expression: hbs.AST.Expression, from: Scope, place: Place): Shape {
  if (!isPath(expression)) return fail(expression, place, 'only a value is allowed here')
  if (expression.data) return shapeOfData(expression, from, place)
  let scope: Scope | undefined = from
  for (let depth = expression.depth; depth > 0; depth -= 1) scope = scope?.outer
  if (!scope) return fail(expression, place, `${sourceText(expression)} leads outside the template`)
  const [first, ...rest] = expression.parts
  const named = first === undefined ? undefined : scope.names.get(first)
  const start = named ?? scope.shape
  return (named ? rest : expression.parts).reduce<Shape>(
    (shape, part) => shapeOfField(shape, part, expression, place),
    start,
  )
}

/** The shape of a name with `@`, such as `@index`. */
function shapeOfData(expression: hbs.AST.PathExpression, scope: Scope, place: Place): Shape {
  const known = ['index', 'first', 'last']
  const [name = ''] = expression.parts
  if (!scope.inList || !known.includes(name))
    return fail(
      expression,
      place,
      `${sourceText(expression)} is unknown here`,
      didYouMean(name, known),
    )
  return name === 'index'
    ? { kind: 'text', description: 'The position in the list, from 0.' }
    : { kind: 'flag', description: `This is the ${name} entry.` }
}

function shapeOfField(shape: Shape, name: string, path: hbs.AST.PathExpression, place: Place): Shape {
  const value = withoutOptional(shape)
  if (value.kind === 'list' && name === 'length')
    return { kind: 'text', description: 'The number of entries.' }
  const found =
    value.kind === 'group' && Object.hasOwn(value.fields, name) ? value.fields[name] : undefined
  if (found) return found
  const known = value.kind === 'group' ? Object.keys(value.fields) : []
  return fail(path, place, `unknown value \`${name}\``, didYouMean(name, known))
}

function withoutOptional(shape: Shape): Exclude<Shape, { kind: 'optional' }> {
  return shape.kind === 'optional' ? withoutOptional(shape.of) : shape
}

function sourceText(path: hbs.AST.Expression): string {
  return isPath(path) ? `\`${path.original}\`` : 'this'
}

function fail(node: hbs.AST.Node, place: Place, message: string, hint?: string): never {
  const { file, firstLine = 1 } = place.template
  throw templateError(file, firstLine + node.loc.start.line - 1, message, hint)
}

interface Statements {
  readonly ContentStatement: hbs.AST.ContentStatement
  readonly CommentStatement: hbs.AST.CommentStatement
  readonly MustacheStatement: hbs.AST.MustacheStatement
  readonly BlockStatement: hbs.AST.BlockStatement
  readonly PartialStatement: hbs.AST.PartialStatement
}

export function isNode<Type extends keyof Statements>(
  statement: hbs.AST.Statement,
  type: Type,
): statement is Statements[Type] {
  return statement.type === type
}

export function isPath(expression: hbs.AST.Expression): expression is hbs.AST.PathExpression {
  return expression.type === 'PathExpression'
}

/** The same value, typed as possibly absent. The types of Handlebars declare these values as always present. */
export function orAbsent<Value>(value: Value | undefined): Value | undefined {
  return value
}

/** @param line from 1 */
export function templateError(
  file: string,
  line: number,
  message: string,
  hint?: string,
): ExpError {
  return new ExpError('template', `${file}:${line}: ${message}`, hint)
}
