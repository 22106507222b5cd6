/** The requests of a trial that its figures are about, and columns derived of them. */
import type { RequestTable } from '../results/request-table.ts'

export interface MeasuredRequests {
  readonly table: RequestTable
  /** Rows of all requests sent in the measured phase, in the order in which they ended. */
  readonly sent: Uint32Array
  /** Rows of those that ended well. */
  readonly ok: Uint32Array
}

export function measuredRequests(table: RequestTable): MeasuredRequests {
  const phases = table.texts('phase')
  const outcomes = table.texts('outcome')
  const measured = phases.texts.indexOf('measured')
  const ok = outcomes.texts.indexOf('ok')
  const sent = rowsWhere(rowsUpTo(table.length), (row) => phases.codes[row] === measured)
  return { table, sent, ok: rowsWhere(sent, (row) => outcomes.codes[row] === ok) }
}

// Plain loops over columns: `from`, `filter` and `reduce` of typed arrays, or a function a row, take several times as long.

export function rowsWhere(rows: Uint32Array, matches: (row: number) => boolean): Uint32Array {
  const matching = new Uint32Array(rows.length)
  let count = 0
  for (const row of rows) if (matches(row)) matching[count++] = row
  return matching.subarray(0, count)
}

/** All rows of a table, from 0. */
export function rowsUpTo(length: number): Uint32Array {
  const rows = new Uint32Array(length)
  for (let row = 0; row < length; row++) rows[row] = row
  return rows
}

/** The values of a column in these rows, those without one (`NaN`) left out. */
export function valuesIn(rows: Uint32Array, column: Float64Array): Float64Array {
  const values = new Float64Array(rows.length)
  let length = 0
  for (const row of rows) {
    const value = column[row] ?? NaN
    if (!Number.isNaN(value)) values[length++] = value
  }
  return values.subarray(0, length)
}

/** From one column to another in these rows, those without both left out. */
export function spansIn(rows: Uint32Array, from: Float64Array, to: Float64Array): Float64Array {
  const spans = new Float64Array(rows.length)
  let length = 0
  for (const row of rows) {
    const span = (to[row] ?? NaN) - (from[row] ?? NaN)
    if (!Number.isNaN(span)) spans[length++] = span
  }
  return spans.subarray(0, length)
}

/** The sum of a column over these rows, those without a value (`NaN`) left out; 0 for none. */
export function sumIn(rows: Uint32Array, column: Float64Array): number {
  let total = 0
  for (const row of rows) {
    const value = column[row] ?? NaN
    if (!Number.isNaN(value)) total += value
  }
  return total
}

/** The column with 0 for missing values, as Ollama leaves zeros out. */
export function orZero(column: Float64Array): Float64Array {
  const filled = column.slice()
  for (let row = 0; row < filled.length; row += 1) if (Number.isNaN(filled[row])) filled[row] = 0
  return filled
}

/** The lesser of two columns in each row, either of which may miss a value. */
export function smallerOf(one: Float64Array, other: Float64Array): Float64Array {
  const least = one.slice()
  for (let row = 0; row < least.length; row += 1) {
    const [first, second] = [one[row] ?? NaN, other[row] ?? NaN]
    if (!(first <= second) && !Number.isNaN(second)) least[row] = second
  }
  return least
}

/** The largest of these values, none of them `NaN`; `least` where none is larger. */
export function largest(values: Float64Array, least: number): number {
  let most = least
  for (const value of values) if (value > most) most = value
  return most
}

/** The smallest of these values, none of them `NaN`; `most` where none is smaller. */
export function smallest(values: Float64Array, most: number): number {
  let least = most
  for (const value of values) if (value < least) least = value
  return least
}

/** 0 for no values. */
export function sum(values: Float64Array | readonly number[]): number {
  let total = 0
  for (const value of values) total += value
  return total
}

/** `NaN` for no values. */
export function mean(values: Float64Array | readonly number[]): number {
  return sum(values) / values.length
}
