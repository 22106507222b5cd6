/** The requests of a trial's measured phase, and arithmetic over columns of the request table. */
import type { RequestTable, TextColumn } from '../results/request-table.ts'

export interface MeasuredRequests {
  readonly table: RequestTable
  /** Rows of the requests sent in the measured phase, in the order in which they ended. */
  readonly sent: Uint32Array
  /** Rows of the sent requests whose outcome is `ok`. */
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

// The following functions use plain loops, because `from`, `filter` and `reduce` of typed arrays take several times as
// long.

/** The rows that match, in their order. */
export function rowsWhere(rows: Uint32Array, matches: (row: number) => boolean): Uint32Array {
  const matching = new Uint32Array(rows.length)
  let count = 0
  for (const row of rows) if (matches(row)) matching[count++] = row
  return matching.subarray(0, count)
}

/** The rows 0 to `length` - 1. */
export function rowsUpTo(length: number): Uint32Array {
  const rows = new Uint32Array(length)
  for (let row = 0; row < length; row++) rows[row] = row
  return rows
}

/** The values of a column in these rows, without missing ones (`NaN`). */
export function valuesIn(rows: Uint32Array, column: Float64Array): Float64Array {
  const values = new Float64Array(rows.length)
  let length = 0
  for (const row of rows) {
    const value = column[row] ?? NaN
    if (!Number.isNaN(value)) values[length++] = value
  }
  return values.subarray(0, length)
}

/** The differences between two columns in these rows, without rows in which either is missing. */
export function spansIn(rows: Uint32Array, from: Float64Array, to: Float64Array): Float64Array {
  const spans = new Float64Array(rows.length)
  let length = 0
  for (const row of rows) {
    const span = (to[row] ?? NaN) - (from[row] ?? NaN)
    if (!Number.isNaN(span)) spans[length++] = span
  }
  return spans.subarray(0, length)
}

/** The sum of a column over these rows, without missing values (`NaN`); 0 without values. */
export function sumIn(rows: Uint32Array, column: Float64Array): number {
  let total = 0
  for (const row of rows) {
    const value = column[row] ?? NaN
    if (!Number.isNaN(value)) total += value
  }
  return total
}

/**
 * The rows without second and later turns of conversations, whose prompts repeat text that the server has processed.
 */
export function withoutLaterTurns(rows: Uint32Array, table: RequestTable): Uint32Array {
  const turns = table.numbers('turn')
  return rowsWhere(rows, (row) => !((turns[row] ?? NaN) > 1))
}

/** The smaller value of two columns in each row; if one is missing, the other. */
export function smallerOf(one: Float64Array, other: Float64Array): Float64Array {
  const smaller = one.slice()
  for (let row = 0; row < smaller.length; row += 1) {
    const [first, second] = [one[row] ?? NaN, other[row] ?? NaN]
    if (!(first <= second) && !Number.isNaN(second)) smaller[row] = second
  }
  return smaller
}

/** The largest of the values and `min`. No value may be `NaN`. */
export function largest(values: Float64Array, min: number): number {
  let max = min
  for (const value of values) if (value > max) max = value
  return max
}

/** The smallest of the values and `max`. No value may be `NaN`. */
export function smallest(values: Float64Array, max: number): number {
  let min = max
  for (const value of values) if (value < min) min = value
  return min
}

/** The sum of the values; 0 without values. */
export function sum(values: Float64Array | readonly number[]): number {
  let total = 0
  for (const value of values) total += value
  return total
}

/** The mean of the values; `NaN` without values. */
export function mean(values: Float64Array | readonly number[]): number {
  return sum(values) / values.length
}

/**
 * The sample standard deviation, which divides the sum of squares by the number of values minus 1. `NaN` for fewer than
 * 2 values.
 */
export function standardDeviation(values: Float64Array): number {
  const centre = mean(values)
  let squares = 0
  for (const value of values) squares += (value - centre) ** 2
  return values.length < 2 ? NaN : Math.sqrt(squares / (values.length - 1))
}

/** The sample of each row. In a mix, samples of different items differ, even if their ids are the same. */
export function sampleColumn(table: RequestTable): TextColumn {
  const samples = table.texts('sample')
  const items = table.texts('item')
  if (items.texts.length === 0) return samples
  const texts: string[] = []
  const known = new Map<string, number>()
  const codes = samples.codes.map((code, row) => {
    const sample = samples.texts[code]
    if (sample === undefined) return -1
    const text = `${items.texts[items.codes[row] ?? -1] ?? ''}: ${sample}`
    const found = known.get(text) ?? texts.push(text) - 1
    known.set(text, found)
    return found
  })
  return { codes, texts }
}
