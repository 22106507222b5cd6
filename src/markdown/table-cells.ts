/**
 * Counts the cells of tables in Markdown that a stranger may have written. A row that leaves out cells has them
 * nevertheless, so that a text of some kilobytes can have millions.
 */
import { limits } from '../errors/limits.ts'

/** The line, from 1, at which the tables of the text have more cells than a report may have; undefined if none has. */
export function lineBeyondTableCells(lines: readonly string[]): number | undefined {
  let cells = 0
  let columns = 0
  for (const [index, line] of lines.entries()) {
    if (isBlank(line)) columns = 0
    else if (isDelimiterRow(line)) columns = Math.max(columns, line.split('|').length)
    cells += columns
    if (cells > limits.tableCells.max) return index + 1
  }
  return undefined
}

/** True for a line that ends a table, also inside a quote. */
function isBlank(line: string): boolean {
  return !/[^\s>]/.test(line)
}

/** `| - | :-: |`, also inside a quote; the line above it has the names of the columns. */
function isDelimiterRow(line: string): boolean {
  return /^[\s>|:-]+$/.test(line) && line.includes('-')
}
