/** Limits on the size of a report, its tables, lists and labels. */
import { block, cellText, table, type Cell, type Markdown } from '../markdown/markdown.ts'
import type { Words } from '../templates/words.ts'

/** GitHub does not render a Markdown file beyond this size. */
export const maxReportBytes = 512_000

/** With more configs than this, a table has a row per config instead of a column. */
export const maxColumns = 5

export interface Limit {
  /** Maximum number of rows of a table, and of entries of a list. */
  readonly rows: number
  /** Maximum length of a label. */
  readonly characters: number
}

export const noLimit: Limit = { rows: Infinity, characters: Infinity }

/** Tried in this order until a report fits. */
export const limits: readonly Limit[] = [
  noLimit,
  { rows: 200, characters: 400 },
  { rows: 50, characters: 120 },
  { rows: 10, characters: 40 },
]

/** Makes the tables and lists of one report, each cut to the limit. */
export interface Tables {
  /** @param mixed true if columns mix kinds of values; numbers in them are then not aligned to the right */
  make(header: readonly Cell[], rows: readonly (readonly Cell[])[], mixed?: boolean): Markdown
  /** The first entries of a list. */
  first<Entry>(entries: readonly Entry[]): readonly Entry[]
  /** Returns true once a table or list was cut. */
  readonly shortened: () => boolean
}

export function limitedTables(words: Words, { rows: maxRows }: Limit): Tables {
  let isCut = false
  const first = <Entry>(entries: readonly Entry[]): readonly Entry[] => {
    if (entries.length <= maxRows) return entries
    isCut = true
    return entries.slice(0, maxRows)
  }
  return {
    first,
    make: (header, rows, mixed = false) => {
      const shown = first(rows)
      const left = rows.length - shown.length
      const rest = left > 0 ? [[words.text('table.shortened', { shown: shown.length, left })]] : []
      const columns = header.map((_, index) => shown.map((cells) => cells[index] ?? ''))
      return block(
        table(
          header,
          [...shown, ...rest],
          columns.map((cells) => !mixed && isNumeric(cells)),
        ),
      )
    },
    shortened: () => isCut,
  }
}

/** True if most of the cells with a value are plain numbers. Such columns are aligned to the right. */
function isNumeric(cells: readonly Cell[]): boolean {
  const filled = cells.map(cellText).filter((text) => text !== '' && text !== '—')
  const numbers = filled.filter((text) => /^[+-]?\d[\d,.]*[%x]?$/.test(text))
  return numbers.length * 2 > filled.length
}

/** Cuts a text to the maximum length of a label, and then ends it with `…`. */
export function shorten(text: string, { characters }: Limit): string {
  return text.length <= characters ? text : `${text.slice(0, characters - 1)}…`
}
