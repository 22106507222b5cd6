/** A file of words: a line for each, in Handlebars over the values that it may name. */
import { isMap, isScalar, LineCounter, parseDocument, type Pair } from 'yaml'
import { checkTemplate } from './check-template.ts'
import { newTemplateEngine, type TemplateEngine } from './handlebars.ts'
import type { TemplateFile } from './templates.ts'
import { group, text } from './shape.ts'
import { didYouMean } from '../errors/did-you-mean.ts'
import { templateError } from './template-error.ts'

/** Every word of a file with the values that it may name. */
export type WordParameters = Readonly<Record<string, readonly string[]>>

/** A word with values put in. */
export type CompiledWord = (values: Readonly<Record<string, string>>) => string

/** Throws `ExpError('template')` where a word is missing, unknown, or names a value that it does not have. */
export function compileWords(
  source: TemplateFile,
  parameters: WordParameters,
): ReadonlyMap<string, CompiledWord> {
  const engine = newTemplateEngine()
  const templates = new Map<string, CompiledWord>()
  for (const { id, template, line } of readEntries(source)) {
    const names = Object.hasOwn(parameters, id) ? parameters[id] : undefined
    if (names === undefined)
      throw templateError(
        source.file,
        line,
        `there is no word \`${id}\``,
        didYouMean(id, Object.keys(parameters)),
      )
    templates.set(id, compileWord({ id, template, line }, names, source.file, engine))
  }
  for (const id of Object.keys(parameters))
    if (!templates.has(id))
      throw templateError(source.file, 1, `the word \`${id}\` is missing`, 'add a line for it')
  return templates
}

function compileWord(
  { id, template, line }: Entry,
  names: readonly string[],
  file: string,
  engine: TemplateEngine,
): CompiledWord {
  if (!template.includes('{{')) return () => template
  const program = engine.parse(template, file, line)
  const shape = group(id, Object.fromEntries(names.map((name) => [name, text(name)])))
  checkTemplate(id, new Map([[id, { file, program, firstLine: line }]]), shape)
  return onlyValues.test(template) ? filled(template) : engine.compile(template)
}

/** As most words are: nothing but text and values, for which no engine is needed. */
const onlyValues = /^(?:[^{\\]|\{\{\w+\}\})*$/

function filled(template: string): CompiledWord {
  const [first = '', ...rest] = template.split(/\{\{(\w+)\}\}/)
  return (values) => {
    let text = first
    for (let at = 0; at < rest.length; at += 2) {
      const name = rest[at] ?? ''
      const value = values[name]
      if (value === undefined) throw new Error(`no value \`${name}\` for \`${template}\``)
      text += value + (rest[at + 1] ?? '')
    }
    return text
  }
}

export interface Entry {
  readonly id: string
  readonly template: string
  readonly line: number
}

/** The words of a file, in its order. */
export function readEntries({ file, text: source }: TemplateFile): readonly Entry[] {
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
