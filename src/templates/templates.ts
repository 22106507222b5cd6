/**
 * The template engine. Input: the template files of one locale, and the shape that declares which values they may name.
 * Output: a function that turns a view, which holds those values, into Markdown. Knows nothing of reports.
 */
import Handlebars from 'handlebars'
import { beyond, limits } from '../errors/limits.ts'
import { closeHalfEmoji, markHalfEmoji } from '../markdown/active-text.ts'
import { Markdown, escapeMarkdown } from '../markdown/markdown.ts'
import { isInChinese, markEdges, replaceEdgeMarks } from './chinese-spacing.ts'
import { checkTemplate, templateError, helpers, type ParsedTemplate } from './check-template.ts'
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
  const names = templateNames.filter((name) => name.endsWith('.hbs'))
  const isChinese = isInChinese(names.map((name) => requiredFile(set, name).text).join(''))
  for (const name of names) {
    const { file, text } = requiredFile(set, name)
    parsed.set(name, { file, program: engine.parse(text, file) })
    engine.addPartial(name.slice(0, -'.hbs'.length), text)
  }
  checkTemplate('report.hbs', parsed, shape)
  const run = engine.compile(requiredFile(set, 'report.hbs').text)
  return (view) => {
    const text = run(escapeView(view, isChinese ? markEdges : (value) => value))
    return closeHalfEmoji(isChinese ? replaceEdgeMarks(text) : text)
  }
}

/** @throws `ExpError('template')` if the file is missing */
export function requiredFile(set: TemplateSet, name: TemplateName): TemplateFile {
  const found = set.get(name)
  if (found) return found
  throw templateError(name, 1, `the template \`${name}\` is missing`)
}

/**
 * Returns the view with every string escaped; `Markdown` is inserted unchanged.
 * @param mark marks where a value begins and ends
 */
function escapeView(view: unknown, mark: (value: string) => string): unknown {
  if (typeof view === 'string') return mark(markHalfEmoji(escapeMarkdown(view)))
  if (view instanceof Markdown) return mark(markHalfEmoji(view.source))
  if (Array.isArray(view)) return view.map((entry) => escapeView(entry, mark))
  if (typeof view !== 'object' || view === null) return view
  const fields: Record<string, unknown> = {}
  for (const [name, value] of Object.entries(view)) fields[name] = escapeView(value, mark)
  return fields
}

/** No HTML escaping: values are escaped for Markdown before they reach the template. */
const compileOptions = {
  noEscape: true,
  strict: true,
  knownHelpersOnly: true,
  knownHelpers: Object.fromEntries(Object.keys(helpers).map((name) => [name, true])),
}

type Renderer = (view: unknown) => string

export interface TemplateEngine {
  /** @throws `ExpError('template')` with the line of the mistake */
  parse(text: string, file: string, firstLine?: number): hbs.AST.Program
  compile(text: string): Renderer
  addPartial(name: string, text: string): void
}

/** Creates a strict Handlebars without HTML escaping, with `plural` as the only helper. */
export function newTemplateEngine(): TemplateEngine {
  const handlebars = Handlebars.create()
  const resetWork = limitEach(handlebars)
  // `count` is a number as text. In Chinese reports it is enclosed in marks (see `markEdges`), which `\D*` matches.
  handlebars.registerHelper('plural', (count: unknown, singular: unknown, plural: unknown) =>
    String(/^\D*1\D*$/.test(String(count)) ? singular : plural),
  )
  return {
    parse: (text, file, firstLine = 1) => {
      assertFewTags(text, file, firstLine)
      try {
        return handlebars.parse(text)
      } catch (error) {
        throw malformedTemplate(error, file, firstLine)
      }
    },
    compile: (text) => {
      const render = handlebars.compile<unknown>(text, compileOptions)
      return (view) => {
        resetWork()
        return render(view)
      }
    },
    addPartial: (name, text) => handlebars.registerPartial(name, text),
  }
}

/** Throws for a template with too many tags, because they could nest so deeply that the stack overflows. */
function assertFewTags(text: string, file: string, firstLine: number): void {
  const { max, remedy } = limits.templateTags
  let tags = 0
  for (let at = text.indexOf('{{'); at >= 0; at = text.indexOf('{{', at + 2)) {
    tags += 1
    if (tags > max) {
      const line = firstLine + text.slice(0, at).split('\n').length - 1
      throw templateError(file, line, `the template has more than ${max} tags`, remedy)
    }
  }
}

/**
 * Makes `{{#each}}` throw if a rendering exceeds the limits, because nested lists multiply the output.
 * @returns a function to call before each rendering
 */
function limitEach(handlebars: typeof Handlebars): () => void {
  const each = handlebars.helpers['each']
  if (each === undefined) throw new Error('Handlebars has no `each`')
  const done = { entries: 0, characters: 0 }
  handlebars.registerHelper('each', function (this: unknown, list: unknown, options: unknown) {
    const text = String(each.call(this, list, options))
    done.entries += Array.isArray(list) ? list.length : 0
    done.characters += text.length
    const { templateEntries, templateOutput } = limits
    const [limit, found] =
      done.entries > templateEntries.max
        ? [templateEntries, done.entries]
        : [templateOutput, done.characters]
    if (found > limit.max)
      throw templateError('report.hbs', 1, `its lists have ${beyond(limit, found)}`, limit.remedy)
    return text
  })
  return () => Object.assign(done, { entries: 0, characters: 0 })
}

function malformedTemplate(error: unknown, file: string, firstLine: number): Error {
  const message = error instanceof Error ? error.message : String(error)
  const line = /line (\d+)/.exec(message)?.[1] ?? / - (\d+):\d+$/.exec(message)?.[1] ?? '1'
  const reason = /(Expecting .*)$/m.exec(message)?.[1] ?? message.split('\n')[0] ?? ''
  return templateError(file, firstLine + Number(line) - 1, `not a Handlebars template: ${reason}`)
}
