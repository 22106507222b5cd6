/** The syntax tree of Handlebars: type guards, which its own types lack, and errors with a position. */
import { ExpError } from '../errors/exp-error.ts'

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

/** Widens the type of a field that Handlebars declares as always present although it may be absent. */
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
