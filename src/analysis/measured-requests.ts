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
  const sent = rowsWhere(table.length, (row) => phases.codes[row] === measured)
  return { table, sent, ok: sent.filter((row) => outcomes.codes[row] === ok) }
}

// Plain loops: over a million rows `from` and `filter` of typed arrays take several times as long.

function rowsWhere(length: number, matches: (row: number) => boolean): Uint32Array {
  const rows = new Uint32Array(length)
  let count = 0
  for (let row = 0; row < length; row += 1) if (matches(row)) rows[count++] = row
  return rows.subarray(0, count)
}

/** All rows of a table, from 0. */
export function rowsUpTo(length: number): Uint32Array {
  const rows = new Uint32Array(length)
  for (let row = 0; row < length; row++) rows[row] = row
  return rows
}

/** The values of these rows, those without one (`NaN`) left out. */
export function collect(rows: Uint32Array, valueOf: (row: number) => number): Float64Array {
  const values = new Float64Array(rows.length)
  let length = 0
  for (const row of rows) {
    const value = valueOf(row)
    if (!Number.isNaN(value)) values[length++] = value
  }
  return values.subarray(0, length)
}

/** The sum over these rows, those without a value (`NaN`) left out; 0 for none. */
export function sumOver(rows: Uint32Array, valueOf: (row: number) => number): number {
  let total = 0
  for (const row of rows) {
    const value = valueOf(row)
    if (!Number.isNaN(value)) total += value
  }
  return total
}

/** A column as a function of the row; `NaN` where a field is left out. */
export function cells(column: Float64Array): (row: number) => number {
  return (row) => column[row] ?? NaN
}

/** A column in which a missing value means 0, as Ollama leaves zeros out. */
export function cellsOrZero(column: Float64Array): (row: number) => number {
  return (row) => {
    const value = column[row] ?? NaN
    return Number.isNaN(value) ? 0 : value
  }
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
