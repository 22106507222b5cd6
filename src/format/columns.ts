import stringWidth from 'string-width'
import { oneLine } from './plain-text.ts'

/**
 * Aligns rows of cells in columns, for the terminal; wide characters count as two.
 * @returns a line for each row, without trailing spaces; each cell keeps its indentation
 */
export function columns(rows: readonly (readonly string[])[]): readonly string[] {
  const cleanRows = rows.map((row) => row.map((cell) => indentOf(cell) + oneLine(cell)))
  const count = Math.max(0, ...cleanRows.map((row) => row.length))
  const widths = Array.from({ length: count }, (_, column) =>
    Math.max(...cleanRows.map((row) => stringWidth(row[column] ?? ''))),
  )
  return cleanRows.map((row) =>
    row
      .map((cell, column) => cell + ' '.repeat((widths[column] ?? 0) - stringWidth(cell)))
      .join('  ')
      .trimEnd(),
  )
}

function indentOf(cell: string): string {
  return ' '.repeat(cell.length - cell.trimStart().length)
}
