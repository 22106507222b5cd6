/** The short texts of a report, one file a locale: cells, labels, sentences about one figure. */
import { isMap, isScalar, LineCounter, parseDocument, type Pair } from 'yaml'
import { checkTemplate } from './check-template.ts'
import { escapeMarkdown } from './escape.ts'
import { newTemplateEngine, type Renderer, type TemplateEngine } from './handlebars.ts'
import { Markdown } from './markdown.ts'
import type { TemplateFile } from './report-input.ts'
import { group, text } from './shape.ts'
import { meant, templateError } from './template-error.ts'
import { wordParameters, type WordId } from './word-list.ts'

type Values<Id extends WordId> = Readonly<
  Record<(typeof wordParameters)[Id][number], string | number>
>
type Arguments<Id extends WordId> = (typeof wordParameters)[Id][number] extends never
  ? []
  : [values: Values<Id>]

export interface Words {
  /** As plain text, for cells, comments in code, and the terminal; escaped when it is placed. */
  say<Id extends WordId>(id: Id, ...values: Arguments<Id>): string
  /** As Markdown: what is put into it is escaped, its own Markdown stands. */
  write<Id extends WordId>(id: Id, ...values: Arguments<Id>): Markdown
  /** As `write`, for an id made of data; values that are not given are empty. Throws where there is no such word: a bug. */
  about(id: string, values: Readonly<Record<string, string>>): Markdown
  /** The word of that id, if there is one; for ids made of data. */
  find(id: string): string | undefined
}

/** Throws `ExpError('template')` where a word is missing, unknown, or names a parameter that it does not have. */
export function readWords(source: TemplateFile): Words {
  const templates = compileWords(source)
  const render = (id: WordId, values: object | undefined, put: (value: string) => string) => {
    const parameters = Object.entries(values ?? {}).map(([name, value]) => [
      name,
      put(String(value)),
    ])
    return templates.get(id)?.(Object.fromEntries(parameters)) ?? ''
  }
  return {
    say: (id, ...[values]) => render(id, values, (value) => value),
    write: (id, ...[values]) => new Markdown(render(id, values, escapeMarkdown)),
    about: (id, values) => {
      if (!isWord(id)) throw new Error(`no word ${id}`)
      const given = wordParameters[id].map((name: string) => [name, values[name] ?? ''])
      return new Markdown(render(id, Object.fromEntries(given) as object, escapeMarkdown))
    },
    find: (id) => (isWord(id) ? render(id, undefined, String) : undefined),
  }
}

function compileWords(source: TemplateFile): ReadonlyMap<string, Renderer> {
  const engine = newTemplateEngine()
  const templates = new Map<string, Renderer>()
  for (const { id, template, line } of entries(source)) {
    if (!isWord(id))
      throw templateError(
        source.file,
        line,
        `there is no word \`${id}\``,
        meant(id, Object.keys(wordParameters)),
      )
    templates.set(id, compileWord(id, template, line, source.file, engine))
  }
  for (const id of Object.keys(wordParameters))
    if (!templates.has(id))
      throw templateError(source.file, 1, `the word \`${id}\` is missing`, 'add a line for it')
  return templates
}

function isWord(id: string): id is WordId {
  return Object.hasOwn(wordParameters, id)
}

function compileWord(
  id: WordId,
  template: string,
  line: number,
  file: string,
  engine: TemplateEngine,
): Renderer {
  if (!template.includes('{{')) return () => template
  const program = engine.parse(template, file, line)
  const parameters: readonly string[] = wordParameters[id]
  const shape = group(id, Object.fromEntries(parameters.map((name) => [name, text(name)])))
  checkTemplate(id, new Map([[id, { file, program, firstLine: line }]]), shape)
  return engine.compile(template)
}

interface Entry {
  readonly id: string
  readonly template: string
  readonly line: number
}

function entries({ file, text: source }: TemplateFile): readonly Entry[] {
  const counter = new LineCounter()
  const document = parseDocument(source, { lineCounter: counter, prettyErrors: false })
  const [problem] = document.errors
  if (problem) throw templateError(file, counter.linePos(problem.pos[0]).line, problem.message)
  if (!isMap(document.contents))
    throw templateError(file, 1, 'words are lines like `mark.better: ⬆️`')
  return document.contents.items.map((pair) => entry(pair, file, counter))
}

function entry({ key, value }: Pair, file: string, counter: LineCounter): Entry {
  const line = isScalar(key) && key.range ? counter.linePos(key.range[0]).line : 1
  if (!isScalar(key) || !isScalar(value) || typeof value.value !== 'string')
    throw templateError(file, line, `\`${String(key)}\` needs a text`, 'put it into quotes')
  return { id: String(key.value), template: value.value, line }
}
