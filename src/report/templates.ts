/**
 * The templates of one locale, made ready: parsed, held to the shape of the view, compiled. Enters: a
 * `TemplateSet`; leaves: a function from view to Markdown, and the words.
 */
import { readCauseWords, type CauseWords } from './cause-words.ts'
import { checkTemplate, type ParsedTemplate } from './check-template.ts'
import { escapeMarkdown } from './escape.ts'
import { newTemplateEngine } from './handlebars.ts'
import { Markdown } from './markdown.ts'
import type { TemplateFile, TemplateSet } from './report-input.ts'
import { templateError } from './template-error.ts'
import { templateNames, type TemplateName } from './template-names.ts'
import { reportShape, type ReportView } from './view.ts'
import { readWords, type Words } from './words.ts'

export interface Templates {
  readonly render: (view: ReportView) => string
  readonly words: Words
  readonly causeWords: CauseWords
}

/** Sets are read-only, so what was made of one holds as long as it lives. */
const prepared = new WeakMap<TemplateSet, Templates>()

/** Throws `ExpError('template')` where a template is missing, malformed, or names a value that does not exist. */
export function prepareTemplates(set: TemplateSet): Templates {
  const known = prepared.get(set)
  if (known) return known
  const made = {
    render: compile(set),
    words: readWords(required(set, 'words.yaml')),
    causeWords: readCauseWords(required(set, 'causes.yaml')),
  }
  prepared.set(set, made)
  return made
}

function compile(set: TemplateSet): (view: ReportView) => string {
  const engine = newTemplateEngine()
  const parsed = new Map<string, ParsedTemplate>()
  for (const name of templateNames.filter((name) => name.endsWith('.hbs'))) {
    const { file, text } = required(set, name)
    parsed.set(name, { file, program: engine.parse(text, file) })
    engine.addPartial(name.slice(0, -'.hbs'.length), text)
  }
  checkTemplate('report.hbs', parsed, reportShape)
  const run = engine.compile(required(set, 'report.hbs').text)
  return (view) => run(escaped(view))
}

function required(set: TemplateSet, name: TemplateName): TemplateFile {
  const found = set.get(name)
  if (found) return found
  throw templateError(name, 1, `the template \`${name}\` is missing`)
}

/** The view with every string escaped; Markdown goes in as it is. */
function escaped(view: unknown): unknown {
  if (typeof view === 'string') return escapeMarkdown(view)
  if (view instanceof Markdown) return view.source
  if (Array.isArray(view)) return view.map(escaped)
  if (typeof view !== 'object' || view === null) return view
  const whole: Record<string, unknown> = {}
  for (const [name, value] of Object.entries(view)) whole[name] = escaped(value)
  return whole
}
