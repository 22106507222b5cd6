import stringWidth from 'string-width'
import { oneLine } from './plain-text.ts'

/**
 * Aligns rows of cells in columns, for the terminal; wide characters count as two.
 * @returns a line for each row, without trailing spaces; each cell keeps its indentation
 */
export function columns(rows: readonly (readonly string[])[]): readonly string[] {
  const clean = rows.map((row) => row.map((cell) => indentOf(cell) + oneLine(cell)))
  const count = Math.max(0, ...clean.map((row) => row.length))
  const widths = Array.from({ length: count }, (_, column) =>
    Math.max(...clean.map((row) => stringWidth(row[column] ?? ''))),
  )
  return clean.map((row) =>
    row
      .map((cell, column) => cell + ' '.repeat((widths[column] ?? 0) - stringWidth(cell)))
      .join('  ')
      .trimEnd(),
  )
}

function indentOf(cell: string): string {
  return ' '.repeat(cell.length - cell.trimStart().length)
}
