import stringWidth from 'string-width'
import { oneLine } from './plain-text.ts'

/** Rows as lines whose columns stand below each other, wide characters counted as two; a cell keeps its indent. */
export function columns(rows: readonly (readonly string[])[]): readonly string[] {
  const clean = rows.map((row) => row.map((cell) => indentOf(cell) + oneLine(cell)))
  const count = Math.max(0, ...clean.map((row) => row.length))
  const widths = Array.from({ length: count }, (_, at) =>
    Math.max(...clean.map((row) => stringWidth(row[at] ?? ''))),
  )
  return clean.map((row) =>
    row
      .map((cell, at) => cell + ' '.repeat(Math.max(0, (widths[at] ?? 0) - stringWidth(cell))))
      .join('  ')
      .trimEnd(),
  )
}

function indentOf(cell: string): string {
  return ' '.repeat(cell.length - cell.trimStart().length)
}
