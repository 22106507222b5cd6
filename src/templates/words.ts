/**
 * The short texts of one locale: labels, cells, sentences. They live in the YAML files of `templates/<locale>/`.
 * Input: the template files of a locale. Output: texts with values filled in.
 *
 * The word ids and their values are typed from `templates/en` (`npm run generate`). To add a word, write it in every
 * locale's file, generate, and use it:
 *
 *     const words = readWords(readTemplates(locale, root), 'terminal') // readTemplates is in notebook/
 *     words.text('count.round.many', { count: 6 })
 *
 * To add a file of words, put it in every locale's folder, with a first line `# What the words are for.`
 */
import { closeHalfEmoji, markHalfEmoji } from '../markdown/active-text.ts'
import { Markdown, escapeMarkdown } from '../markdown/markdown.ts'
import { isInChinese, markEdges, replaceEdgeMarks } from './chinese-spacing.ts'
import { requiredFile, type TemplateSet } from './templates.ts'
import { compileWords, type CompiledWord, type WordParameters } from './word-file.ts'
import { wordParameters } from './words.generated.ts'

/** The name of a YAML file of words, without its ending. */
export type WordFile = keyof typeof wordParameters
export type WordId<File extends WordFile = 'words'> = keyof (typeof wordParameters)[File] & string

/** A value to fill in. `Markdown` is inserted unchanged. */
export type WordValue = string | number | Markdown

type ValueNames<
  File extends WordFile,
  Id extends WordId<File>,
> = (typeof wordParameters)[File][Id] extends readonly (infer Name extends string)[] ? Name : never
type Arguments<File extends WordFile, Id extends WordId<File>> = [ValueNames<File, Id>] extends [
  never,
]
  ? []
  : [values: Readonly<Record<ValueNames<File, Id>, WordValue>>]

/**
 * The words of one file with their values filled in, as plain text or as Markdown. The default file is `words.yaml`,
 * which holds the words of reports.
 */
export interface Words<File extends WordFile = 'words'> {
  /** As plain text, for table cells, comments in code and the terminal. */
  text<Id extends WordId<File>>(id: Id, ...values: Arguments<File, Id>): string
  /** As Markdown: values are escaped, Markdown in the word itself is kept. */
  markdown<Id extends WordId<File>>(id: Id, ...values: Arguments<File, Id>): Markdown
  /**
   * Like `markdown`, for an id that is computed; missing values are empty.
   * @throws `Error` if the word does not exist, which is a bug
   */
  markdownById(id: string, values: Readonly<Record<string, WordValue>>): Markdown
  /** Like `text`, for an id that is computed; `undefined` if the word does not exist. */
  textById(id: string, values?: Readonly<Record<string, WordValue>>): string | undefined
}

/** The compiled words of each template set, by file. Template sets are read-only, so compiled words stay valid. */
const compiled = new WeakMap<TemplateSet, Map<WordFile, CompiledWords>>()

interface CompiledWords {
  readonly words: ReadonlyMap<string, CompiledWord>
  readonly isChinese: boolean
}

/**
 * @throws `ExpError('template')` if the file or a word is missing, a word is unknown, or a word names an unknown value
 */
export function readWords<File extends WordFile>(set: TemplateSet, file: File): Words<File> {
  const parameters: WordParameters = wordParameters[file]
  const { words, isChinese } = compiledWords(set, file, parameters)
  const fill = (
    id: string,
    values: Values,
    toText: (value: WordValue) => string,
    ifMissing?: string,
  ): string => {
    const word = words.get(id)
    if (word === undefined) throw new Error(`no word ${id}`)
    const textOf = (name: string): string => {
      const value = values[name] ?? ifMissing
      if (value === undefined) throw new Error(`no value \`${name}\` for the word ${id}`)
      return isChinese ? markEdges(toText(value)) : toText(value)
    }
    return isChinese ? replaceEdgeMarks(word(textOf)) : word(textOf)
  }
  const markdown = (id: string, values: Values, ifMissing?: string) =>
    new Markdown(closeHalfEmoji(fill(id, values, toMarkdown, ifMissing)))
  return {
    text: (id, ...[values]) => fill(id, values ?? {}, toPlainText),
    markdown: (id, ...[values]) => markdown(id, values ?? {}),
    markdownById: (id, values) => markdown(id, values, ''),
    textById: (id, values = {}) => (words.has(id) ? fill(id, values, toPlainText, '') : undefined),
  }
}

type Values = Readonly<Record<string, WordValue>>

function compiledWords(
  set: TemplateSet,
  file: WordFile,
  parameters: WordParameters,
): CompiledWords {
  const compiledFiles = compiled.get(set) ?? new Map<WordFile, CompiledWords>()
  compiled.set(set, compiledFiles)
  const existing = compiledFiles.get(file)
  if (existing) return existing
  const template = requiredFile(set, `${file}.yaml`)
  const result = {
    words: compileWords(template, parameters),
    isChinese: isInChinese(template.text),
  }
  compiledFiles.set(file, result)
  return result
}

function toPlainText(value: WordValue): string {
  return value instanceof Markdown ? value.source : String(value)
}

function toMarkdown(value: WordValue): string {
  return markHalfEmoji(value instanceof Markdown ? value.source : escapeMarkdown(String(value)))
}
