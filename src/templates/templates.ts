/**
 * The template engine. Input: the template files of one locale and the shape of the view that they may name.
 * Output: a function from a view to Markdown. It knows nothing of reports: the shape is an argument.
 */
import { escapeMarkdown } from '../markdown/escape.ts'
import { Markdown } from '../markdown/markdown.ts'
import { checkTemplate, type ParsedTemplate, templateError } from './check-template.ts'
import { newTemplateEngine } from './handlebars.ts'
import type { Shape } from './shape.ts'
import { templateNames } from './words.generated.ts'

export type TemplateName = (typeof templateNames)[number]

/** The template files of one locale, by the names of `templateNames`. */
export type TemplateSet = ReadonlyMap<string, TemplateFile>

export interface TemplateFile {
  /** The path shown in errors, for example `templates/zh-CN/report.hbs`. */
  readonly file: string
  readonly text: string
}

/**
 * Compiles `report.hbs` and its partials.
 * @returns a function that renders a `View` of that shape as Markdown
 * @throws `ExpError('template')` if a template is missing, malformed, or names a value that the shape lacks
 */
export function compileTemplates(set: TemplateSet, shape: Shape): (view: object) => string {
  const engine = newTemplateEngine()
  const parsed = new Map<string, ParsedTemplate>()
  for (const name of templateNames.filter((name) => name.endsWith('.hbs'))) {
    const { file, text } = requiredFile(set, name)
    parsed.set(name, { file, program: engine.parse(text, file) })
    engine.addPartial(name.slice(0, -'.hbs'.length), text)
  }
  checkTemplate('report.hbs', parsed, shape)
  const run = engine.compile(requiredFile(set, 'report.hbs').text)
  return (view) => run(escaped(view))
}

/** @throws `ExpError('template')` if the file is missing */
export function requiredFile(set: TemplateSet, name: TemplateName): TemplateFile {
  const found = set.get(name)
  if (found) return found
  throw templateError(name, 1, `the template \`${name}\` is missing`)
}

/** Returns the view with every string escaped; `Markdown` is inserted unchanged. */
function escaped(view: unknown): unknown {
  if (typeof view === 'string') return escapeMarkdown(view)
  if (view instanceof Markdown) return view.source
  if (Array.isArray(view)) return view.map(escaped)
  if (typeof view !== 'object' || view === null) return view
  const fields: Record<string, unknown> = {}
  for (const [name, value] of Object.entries(view)) fields[name] = escaped(value)
  return fields
}
