/** The short texts of a report, one file a locale: cells, labels, sentences about one figure. */
import { escapeMarkdown } from '../markdown/escape.ts'
import { Markdown } from '../markdown/markdown.ts'
import type { TemplateFile } from './templates.ts'
import { edge, hasHan, spaced } from './spacing.ts'
import { compileWords } from './word-file.ts'
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
  find(id: string, values?: Readonly<Record<string, string>>): string | undefined
}

/** Throws `ExpError('template')` where a word is missing, unknown, or names a parameter that it does not have. */
export function readWords(source: TemplateFile): Words {
  const templates = compileWords(source, wordParameters)
  // Words of other languages have their own spaces about what is put in.
  const isChinese = hasHan.test(source.text)
  const render = (id: WordId, values: object | undefined, put: (value: string) => string) => {
    const shown: Record<string, string> = {}
    for (const [name, value] of Object.entries(values ?? {})) shown[name] = put(String(value))
    return templates.get(id)?.(shown) ?? ''
  }
  const given = (id: WordId, values: Readonly<Record<string, string>>) =>
    Object.fromEntries(wordParameters[id].map((name: string) => [name, values[name] ?? '']))
  return {
    say: (id, ...[values]) =>
      values !== undefined && isChinese
        ? spaced(render(id, values, (value) => edge + value + edge))
        : render(id, values, (value) => value),
    write: (id, ...[values]) =>
      new Markdown(spaced(render(id, values, (value) => edge + escapeMarkdown(value) + edge))),
    about: (id, values) => {
      if (!isWord(id)) throw new Error(`no word ${id}`)
      return new Markdown(render(id, given(id, values), escapeMarkdown))
    },
    find: (id, values = {}) =>
      isWord(id) ? render(id, given(id, values), (value) => value) : undefined,
  }
}

function isWord(id: string): id is WordId {
  return Object.hasOwn(wordParameters, id)
}
