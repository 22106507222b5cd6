/**
 * Prompts are Handlebars templates over the fields of one sample. Only fields, `if` and `unless` are allowed: such
 * templates cannot run code, so that templates of strangers are safe to render.
 */
import Handlebars from 'handlebars'
import { beyond, limits } from '../errors/limits.ts'
import { quoted, replaceHiddenCharacters } from '../errors/quote.ts'
import type { Sample } from './dataset.ts'
import type { Workload } from './experiment.ts'
import type { Reading } from './values/reading.ts'
import { isRead } from './values/reading.ts'

/** A field that a template uses. */
export interface PromptField {
  /** `text`, or `expected.score`. */
  readonly name: string
  /**
   * True if a sample may lack the field: the template uses it as a condition, or inside the `{{#if}}` that tests it.
   */
  readonly optional: boolean
}

class UnsupportedTemplate extends Error {}

const hint =
  'a prompt may use fields of a sample, `{{text}}`, and conditions, `{{#if note}}…{{else}}…{{/if}}`'

/**
 * Returns a function that renders the prompt of a sample. Values are inserted unescaped and are never read as
 * templates.
 * @throws TypeError if the template is not valid
 */
export function compilePrompt(workload: Pick<Workload, 'prompt'>): (sample: Sample) => string {
  const template = readPromptTemplate(workload.prompt)
  if (!isRead(template)) throw new TypeError(template.message)
  const render = Handlebars.create().compile<object>(workload.prompt, {
    noEscape: true,
    strict: true,
    knownHelpersOnly: true,
  })
  return ({ fields, expected }) => render({ ...fields, expected })
}

/**
 * The fields in order of use. A field that is required in one place and optional in another appears twice. Never
 * throws.
 */
export function readPromptTemplate(template: string): Reading<readonly PromptField[]> {
  const { promptTags } = limits
  const tags = template.split('{{').length - 1
  if (tags > promptTags.max)
    return { message: `the prompt has ${beyond(promptTags, tags)}`, hint: promptTags.remedy }
  try {
    return { value: fieldsOf(Handlebars.parse(template), new Set()) }
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    const message =
      error instanceof UnsupportedTemplate
        ? why
        : `the prompt is not a valid template: ${shortMessage(why)}`
    return { message, hint }
  }
}

/** The first two lines of an error message of Handlebars: the position, and what was expected there. */
function shortMessage(message: string): string {
  return replaceHiddenCharacters(message.split('\n').slice(0, 2).join(' ').slice(0, 160))
}

function fieldsOf(program: hbs.AST.Program, present: ReadonlySet<string>): readonly PromptField[] {
  return program.body.flatMap((statement) => {
    if (isMustache(statement)) return mustache(statement, present)
    if (isBlock(statement)) return block(statement, present)
    if (statement.type === 'ContentStatement' || statement.type === 'CommentStatement') return []
    throw new UnsupportedTemplate(
      `the prompt uses a ${replaceHiddenCharacters(statement.type)}, which is not supported`,
    )
  })
}

function mustache(statement: hbs.AST.MustacheStatement, present: ReadonlySet<string>) {
  if (statement.params.length > 0 || hasPairs(statement.hash))
    throw new UnsupportedTemplate(
      `the prompt calls ${quoted(nameOf(statement.path))}, which is not a field`,
    )
  const name = fieldName(statement.path)
  return [{ name, optional: present.has(name) }]
}

function block(statement: hbs.AST.BlockStatement, present: ReadonlySet<string>) {
  const helper = nameOf(statement.path)
  const [condition, ...rest] = statement.params
  if ((helper !== 'if' && helper !== 'unless') || condition === undefined)
    throw new UnsupportedTemplate(
      `the prompt calls ${quoted(helper)}; only \`if\` and \`unless\` are supported`,
    )
  if (rest.length > 0 || hasPairs(statement.hash))
    throw new UnsupportedTemplate(`\`${helper}\` takes exactly one field`)
  const name = fieldName(condition)
  const withName = new Set([...present, name])
  const [whenTrue, whenFalse] = helper === 'if' ? [withName, present] : [present, withName]
  // An empty branch is undefined, although the type says otherwise.
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
    throw new UnsupportedTemplate(
      `the prompt uses ${quoted(nameOf(expression))}, which is not a field`,
    )
  const [first = '', ...rest] = expression.parts
  if (rest.length !== (first === 'expected' ? 1 : 0))
    throw new UnsupportedTemplate(
      `the prompt uses ${quoted(expression.original)}: only \`expected\` has fields of its own`,
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
