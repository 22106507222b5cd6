/** Finds the values that a word names, so that its type can be generated. */
import { newTemplateEngine } from './handlebars.ts'
import { isNode, isPath, orAbsent } from './syntax.ts'
import type { TemplateFile } from './templates.ts'
import { readEntries, type WordParameters } from './word-file.ts'

/**
 * The words of a file, in its order, each with the values that it names, in order of first use.
 * A comment `{{! also: a b }}` offers values that other locales, or a project's own templates, may name.
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
