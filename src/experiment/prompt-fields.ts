/**
 * Prompts are Handlebars over one sample's fields, and of Handlebars only what needs no trust: fields,
 * `if` and `unless`. Enters: a template's text. Leaves: the fields that it names, or what is wrong with it.
 */
import Handlebars from 'handlebars'
import type { Reading } from './values/reading.ts'
import { quoted, visible } from '../errors/quote.ts'

/** A field that a template names. */
export interface PromptField {
  /** `text`, or `expected.score`. */
  readonly name: string
  /** Only asked about, or shown only where `{{#if}}` found it: a sample may lack it. */
  readonly optional: boolean
}

class Refused extends Error {}

const hint =
  'a prompt takes fields of a sample, `{{text}}`, and conditions, `{{#if note}}…{{else}}…{{/if}}`'

/** The fields in the order in which they are named, each once for each way of naming it. Never throws. */
export function readPromptTemplate(template: string): Reading<readonly PromptField[]> {
  try {
    return { value: fieldsOf(Handlebars.parse(template), new Set()) }
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    const line = error instanceof Refused ? why : `the prompt is no template: ${firstLine(why)}`
    return { wrong: line, hint }
  }
}

/** Handlebars shows where, then what it expected; the first line is enough for one line. */
function firstLine(message: string): string {
  return visible(message.split('\n').slice(0, 2).join(' ').slice(0, 160))
}

function fieldsOf(program: hbs.AST.Program, present: ReadonlySet<string>): readonly PromptField[] {
  return program.body.flatMap((statement) => {
    if (isMustache(statement)) return mustache(statement, present)
    if (isBlock(statement)) return block(statement, present)
    if (statement.type === 'ContentStatement' || statement.type === 'CommentStatement') return []
    throw new Refused(`the prompt uses a ${visible(statement.type)}, which is not available here`)
  })
}

function mustache(statement: hbs.AST.MustacheStatement, present: ReadonlySet<string>) {
  if (statement.params.length > 0 || hasPairs(statement.hash))
    throw new Refused(`the prompt calls ${quoted(nameOf(statement.path))}, which is no field`)
  const name = fieldName(statement.path)
  return [{ name, optional: present.has(name) }]
}

function block(statement: hbs.AST.BlockStatement, present: ReadonlySet<string>) {
  const helper = nameOf(statement.path)
  const [condition, ...rest] = statement.params
  if ((helper !== 'if' && helper !== 'unless') || condition === undefined)
    throw new Refused(`the prompt calls ${quoted(helper)}; a prompt has only \`if\` and \`unless\``)
  if (rest.length > 0 || hasPairs(statement.hash))
    throw new Refused(`\`${helper}\` takes one field in a prompt`)
  const name = fieldName(condition)
  const withIt = new Set([...present, name])
  const [whenTrue, whenFalse] = helper === 'if' ? [withIt, present] : [present, withIt]
  // The parser leaves out a branch that is empty, whatever its types say.
  const [main, otherwise] = [statement.program, statement.inverse] as const
  return [{ name, optional: true }, ...branch(main, whenTrue), ...branch(otherwise, whenFalse)]
}

function branch(program: hbs.AST.Program | undefined, present: ReadonlySet<string>) {
  return program === undefined ? [] : fieldsOf(program, present)
}

function fieldName(expression: hbs.AST.Node): string {
  if (
    !isPath(expression) ||
    expression.data ||
    expression.depth > 0 ||
    expression.parts.length === 0
  )
    throw new Refused(`the prompt uses ${quoted(nameOf(expression))}, which is no field`)
  const [first = '', ...rest] = expression.parts
  if (rest.length !== (first === 'expected' ? 1 : 0))
    throw new Refused(
      `the prompt uses ${quoted(expression.original)}: only \`expected\` has fields in it`,
    )
  return expression.parts.join('.')
}

function nameOf(node: hbs.AST.Node): string {
  return isPath(node) ? node.original : 'original' in node ? String(node.original) : node.type
}

function hasPairs(hash: hbs.AST.Hash | undefined): boolean {
  return hash !== undefined && hash.pairs.length > 0
}

function isMustache(node: hbs.AST.Node): node is hbs.AST.MustacheStatement {
  return node.type === 'MustacheStatement'
}

function isBlock(node: hbs.AST.Node): node is hbs.AST.BlockStatement {
  return node.type === 'BlockStatement'
}

function isPath(node: hbs.AST.Node): node is hbs.AST.PathExpression {
  return node.type === 'PathExpression'
}
