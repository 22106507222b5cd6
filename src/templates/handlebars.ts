/** A Handlebars instance for reports: strict, without HTML escaping, with one helper. */
import Handlebars from 'handlebars'
import { helpers, templateError } from './check-template.ts'

/** No HTML escaping: values are escaped for Markdown before they reach the template. */
const compileOptions = {
  noEscape: true,
  strict: true,
  knownHelpersOnly: true,
  knownHelpers: Object.fromEntries(Object.keys(helpers).map((name) => [name, true])),
}

export type Renderer = (view: unknown) => string

export interface TemplateEngine {
  /** @throws `ExpError('template')` with the line of the mistake */
  parse(text: string, file: string, firstLine?: number): hbs.AST.Program
  compile(text: string): Renderer
  addPartial(name: string, text: string): void
}

export function newTemplateEngine(): TemplateEngine {
  const handlebars = Handlebars.create()
  // `count` is a number as text. In Chinese reports `withEdges` puts a mark before and after it, so skip what is no digit.
  handlebars.registerHelper('plural', (count: unknown, singular: unknown, plural: unknown) =>
    String(/^\D*1\D*$/.test(String(count)) ? singular : plural),
  )
  return {
    parse: (text, file, firstLine = 1) => {
      try {
        return handlebars.parse(text)
      } catch (error) {
        throw malformed(error, file, firstLine)
      }
    },
    compile: (text) => handlebars.compile<unknown>(text, compileOptions),
    addPartial: (name, text) => handlebars.registerPartial(name, text),
  }
}

function malformed(error: unknown, file: string, firstLine: number): Error {
  const message = error instanceof Error ? error.message : String(error)
  const line = /line (\d+)/.exec(message)?.[1] ?? / - (\d+):\d+$/.exec(message)?.[1] ?? '1'
  const reason = /(Expecting .*)$/m.exec(message)?.[1] ?? message.split('\n')[0] ?? ''
  return templateError(file, firstLine + Number(line) - 1, `not a Handlebars template: ${reason}`)
}
