/** Tables within a limit, so that a report never exceeds what GitHub shows of a file. */
import type { Cell, Markdown } from '../markdown/markdown.ts'
import { tableSource } from '../markdown/table-source.ts'
import type { Words } from '../templates/words.ts'

/** GitHub cuts a Markdown view above this many bytes. */
export const maxReportBytes = 512_000

export interface Limit {
  /** Rows of a table, and entries of a list. */
  readonly rows: number
  /** Characters of a label. */
  readonly characters: number
}

/** What is tried in turn until a report fits. */
export const limits: readonly Limit[] = [
  { rows: Infinity, characters: Infinity },
  { rows: 200, characters: 400 },
  { rows: 50, characters: 120 },
  { rows: 10, characters: 40 },
]

export interface Tables {
  make(header: readonly Cell[], rows: readonly (readonly Cell[])[]): Markdown
  /** The first entries of a list. */
  first<Entry>(entries: readonly Entry[]): readonly Entry[]
  /** Something was left out. */
  readonly shortened: () => boolean
}

export function limitedTables(words: Words, { rows: most }: Limit): Tables {
  const cut = new Set<'rows'>()
  const first = <Entry>(entries: readonly Entry[]): readonly Entry[] => {
    if (entries.length <= most) return entries
    cut.add('rows')
    return entries.slice(0, most)
  }
  return {
    first,
    make: (header, rows) => {
      const shown = first(rows)
      const left = rows.length - shown.length
      const rest = left > 0 ? [[words.say('table.shortened', { shown: shown.length, left })]] : []
      return tableSource(header, [...shown, ...rest])
    },
    shortened: () => cut.size > 0,
  }
}

/** Text of at most so many characters, with `…` where it was cut. */
export function shorten(text: string, { characters }: Limit): string {
  return text.length <= characters ? text : `${text.slice(0, characters - 1)}…`
}
