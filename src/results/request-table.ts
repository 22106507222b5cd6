/**
 * The requests of one trial, stored by column. A million rows fit into a few typed arrays, where a million
 * objects would need several times the memory, and analysis (quantiles, sums, shares) reads whole columns.
 */
import { recordSchemas, type RequestRecord } from './record.ts'

/** The fields of a request that are numbers. */
const numberFields = [
  'index',
  'user',
  'conversation',
  'turn',
  'scheduledMs',
  'pauseMs',
  'sentMs',
  'firstByteMs',
  'firstThinkingMs',
  'firstContentMs',
  'longestGapMs',
  'endMs',
  'httpStatus',
  'promptTokens',
  'cachedTokens',
  'outputTokens',
  'serverTotalMs',
  'loadMs',
  'promptEvalMs',
  'evalMs',
] as const
export type NumberField = (typeof numberFields)[number]

/** The fields of a request that are strings. */
const textFields = [
  'sample',
  'phase',
  'item',
  'outcome',
  'error',
  'doneReason',
  'remoteHost',
  'promptDigest',
  'answerDigest',
  'prompt',
  'answer',
] as const
export type TextField = (typeof textFields)[number]

/** A growing column of numbers; `NaN` means that the row has no value. */
class NumberColumn {
  #values = new Float64Array(0)

  set(row: number, value: number): void {
    if (row >= this.#values.length) this.#grow(row)
    this.#values[row] = value
  }

  get(row: number): number | undefined {
    const value = this.#values[row]
    return value === undefined || Number.isNaN(value) ? undefined : value
  }

  /** The values of the first `rows` rows. Valid until the next `set`. */
  view(rows: number): Float64Array {
    if (rows > this.#values.length) this.#grow(rows - 1)
    return this.#values.subarray(0, rows)
  }

  #grow(row: number): void {
    const wider = new Float64Array(capacityFor(row)).fill(NaN)
    wider.set(this.#values)
    this.#values = wider
  }
}

export interface TextColumn {
  /** For each row the index of its text in `texts`, or -1 if the row has no value. */
  readonly codes: Int32Array
  /** Each distinct text once, in order of first appearance. */
  readonly texts: readonly string[]
}

/** A growing column of strings that stores each distinct string once. */
class InternedColumn {
  #codes = new Int32Array(0)
  readonly #codeOf = new Map<string, number>()
  readonly #texts: string[] = []

  set(row: number, text: string): void {
    let code = this.#codeOf.get(text)
    if (code === undefined) {
      code = this.#texts.push(text) - 1
      this.#codeOf.set(text, code)
    }
    if (row >= this.#codes.length) this.#grow(row)
    this.#codes[row] = code
  }

  get(row: number): string | undefined {
    return this.#texts[this.#codes[row] ?? -1]
  }

  /** The texts of the first `rows` rows. Valid until the next `set`. */
  view(rows: number): TextColumn {
    if (rows > this.#codes.length) this.#grow(rows - 1)
    return { codes: this.#codes.subarray(0, rows), texts: this.#texts }
  }

  #grow(row: number): void {
    const wider = new Int32Array(capacityFor(row)).fill(-1)
    wider.set(this.#codes)
    this.#codes = wider
  }
}

/** Doubles the capacity each time, so that growing costs little per row. */
function capacityFor(row: number): number {
  return Math.max(256, 2 ** Math.ceil(Math.log2(row + 1)))
}

/** A growing column of lists of whole numbers. One array holds all lists, one after the other. */
class ListColumn {
  #values = new Uint32Array(0)
  #length = 0
  /** The index after the last number of each row's list. A row without a list ends where the previous row ends. */
  readonly #ends: number[] = []

  set(row: number, list: readonly number[]): void {
    this.#fillTo(row)
    if (this.#length + list.length > this.#values.length) this.#grow(this.#length + list.length)
    this.#values.set(list, this.#length)
    this.#length += list.length
    this.#ends[row] = this.#length
  }

  get(row: number): Uint32Array {
    const end = this.#ends[row] ?? this.#length
    return this.#values.subarray(row === 0 ? 0 : (this.#ends[row - 1] ?? end), end)
  }

  #fillTo(row: number): void {
    while (this.#ends.length < row) this.#ends.push(this.#length)
  }

  #grow(length: number): void {
    const wider = new Uint32Array(capacityFor(length))
    wider.set(this.#values)
    this.#values = wider
  }
}

export class RequestTable {
  #length = 0
  readonly #numbers: ReadonlyMap<string, NumberColumn> = new Map(
    numberFields.map((field) => [field, new NumberColumn()]),
  )
  readonly #texts: ReadonlyMap<string, InternedColumn> = new Map(
    textFields.map((field) => [field, new InternedColumn()]),
  )
  readonly #scores = new Map<string, NumberColumn>()
  readonly #tokenGaps = new ListColumn()

  get length(): number {
    return this.#length
  }

  push(record: RequestRecord): void {
    const row = this.#length
    const fields: Readonly<Record<string, unknown>> = record
    // Visits only the fields that the record has: no request has all of them.
    for (const field in fields) {
      const value = fields[field]
      if (typeof value === 'number') this.#numbers.get(field)?.set(row, value)
      else if (typeof value === 'string') this.#texts.get(field)?.set(row, value)
    }
    if (record.tokenGaps !== undefined) this.#tokenGaps.set(row, record.tokenGaps)
    for (const check in record.scores)
      this.#scoreColumn(check).set(row, record.scores[check] ?? NaN)
    this.#length = row + 1
  }

  /** One number per row; `NaN` where the field is absent. Valid until the next `push`. */
  numbers(field: NumberField): Float64Array {
    return columnOf(this.#numbers, field).view(this.#length)
  }

  /** One text per row. Valid until the next `push`. */
  texts(field: TextField): TextColumn {
    return columnOf(this.#texts, field).view(this.#length)
  }

  /** The encoded histogram `tokenGaps` of a row; empty where it is absent. Valid until the next `push`. */
  tokenGaps(row: number): Uint32Array {
    return this.#tokenGaps.get(row)
  }

  /** The number of checks that at least one request has a score for. */
  get checkCount(): number {
    return this.#scores.size
  }

  /** The names of the checks that at least one request has a score for, in order of first appearance. */
  checks(): readonly string[] {
    return [...this.#scores.keys()]
  }

  /** The scores of one check, 0..1, one per row; `NaN` where a request has none. Empty for an unknown check. */
  scores(check: string): Float64Array {
    return this.#scores.get(check)?.view(this.#length) ?? new Float64Array(0)
  }

  /** The record in this row, from 0. Throws a RangeError outside the table. */
  row(row: number): RequestRecord {
    if (!(row >= 0 && row < this.#length)) throw new RangeError(`no row ${row}`)
    const fields: Record<string, unknown> = { type: 'request' }
    for (const [field, column] of [...this.#numbers, ...this.#texts]) {
      const value = column.get(row)
      if (value !== undefined) fields[field] = value
    }
    const gaps = this.#tokenGaps.get(row)
    if (gaps.length > 0) fields['tokenGaps'] = [...gaps]
    const scores = [...this.#scores].flatMap(([check, column]) => {
      const score = column.get(row)
      return score === undefined ? [] : [[check, score] as const]
    })
    const record = recordSchemas.request.parse(fields)
    // Added after parsing, because the schema would drop a check named `__proto__`.
    return scores.length === 0 ? record : { ...record, scores: Object.fromEntries(scores) }
  }

  #scoreColumn(check: string): NumberColumn {
    let column = this.#scores.get(check)
    if (column === undefined) {
      column = new NumberColumn()
      this.#scores.set(check, column)
    }
    return column
  }
}

function columnOf<Field, Column>(columns: ReadonlyMap<Field, Column>, field: Field): Column {
  const column = columns.get(field)
  if (column === undefined) throw new RangeError(`no column \`${String(field)}\``)
  return column
}
