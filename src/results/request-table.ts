/**
 * The requests of a trial in columns: a million rows take the room of a few typed arrays, and what is asked
 * of them (quantiles, sums, shares) reads one column at a time.
 */
import { recordSchemas, type RequestRecord } from './record.ts'

/** Fields of a request that are numbers; in a column, `NaN` stands for a field that is left out. */
export const numberFields = [
  'index',
  'user',
  'scheduledMs',
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

/** Fields of a request that are strings; in a column, each is the place of its text among those seen. */
export const textFields = [
  'sample',
  'phase',
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

/** A growing column of numbers; takes no room until it holds its first value. */
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

  /** Exactly so many rows, `NaN` where there is no value. Valid until the next `set`. */
  upTo(rows: number): Float64Array {
    if (rows > this.#values.length) this.#grow(rows - 1)
    return this.#values.subarray(0, rows)
  }

  #grow(row: number): void {
    const wider = new Float64Array(roomFor(row)).fill(NaN)
    wider.set(this.#values)
    this.#values = wider
  }
}

export interface TextColumn {
  /** By row: place in `texts`, or -1 where the field is left out. */
  readonly codes: Int32Array
  /** Each text that was seen, once, in the order of first sight. */
  readonly texts: readonly string[]
}

/** A column of strings, each distinct one kept once. */
class InternedColumn {
  #codes = new Int32Array(0)
  readonly #codeOf = new Map<string, number>()
  readonly texts: string[] = []

  set(row: number, text: string): void {
    let code = this.#codeOf.get(text)
    if (code === undefined) {
      const kept = ownCopy(text)
      code = this.texts.push(kept) - 1
      this.#codeOf.set(kept, code)
    }
    if (row >= this.#codes.length) this.#grow(row)
    this.#codes[row] = code
  }

  get(row: number): string | undefined {
    return this.texts[this.#codes[row] ?? -1]
  }

  upTo(rows: number): TextColumn {
    if (rows > this.#codes.length) this.#grow(rows - 1)
    return { codes: this.#codes.subarray(0, rows), texts: this.texts }
  }

  #grow(row: number): void {
    const wider = new Int32Array(roomFor(row)).fill(-1)
    wider.set(this.#codes)
    this.#codes = wider
  }
}

/** A piece of a larger text holds all of that text in memory; this does not. */
function ownCopy(text: string): string {
  return String(JSON.parse(JSON.stringify(text)))
}

/** Doubled each time, so that growing costs little per row. */
function roomFor(row: number): number {
  return Math.max(256, 2 ** Math.ceil(Math.log2(row + 1)))
}

function columnOf<Column>(columns: readonly Column[], place: number): Column {
  const column = columns[place]
  if (column === undefined) throw new RangeError(`no column ${place}`)
  return column
}

/** A request as it is read from a line, by place in `numberFields` and `textFields`. */
export interface RequestFields {
  /** Bit n stands for field n of the numbers and then the texts; what else the arrays hold means nothing. */
  readonly present: number
  readonly numbers: Float64Array
  readonly texts: readonly string[]
  readonly scores: ReadonlyMap<string, number>
}

export class RequestTable {
  #length = 0
  readonly #numbers = numberFields.map(() => new NumberColumn())
  readonly #texts = textFields.map(() => new InternedColumn())
  readonly #scores = new Map<string, NumberColumn>()

  get length(): number {
    return this.#length
  }

  push(record: RequestRecord): void {
    const row = this.#length
    numberFields.forEach((field, place) => {
      const value = record[field]
      if (value !== undefined) this.#numbers[place]?.set(row, value)
    })
    textFields.forEach((field, place) => {
      const value = record[field]
      if (value !== undefined) this.#texts[place]?.set(row, value)
    })
    for (const [check, score] of Object.entries(record.scores ?? {}))
      this.#score(check).set(row, score)
    this.#length = row + 1
  }

  /** What `push` does, for a million rows. */
  append({ present, numbers, texts, scores }: RequestFields): void {
    const row = this.#length
    let left = present
    for (let place = 0; place < numbers.length; place += 1, left >>>= 1)
      if (left & 1) this.#numbers[place]?.set(row, numbers[place] ?? NaN)
    for (let place = 0; place < texts.length; place += 1, left >>>= 1)
      if (left & 1) this.#texts[place]?.set(row, texts[place] ?? '')
    for (const [check, score] of scores) this.#score(check).set(row, score)
    this.#length = row + 1
  }

  /** One column, a number a row, `NaN` where the field is left out. Valid until the next row. */
  numbers(field: NumberField): Float64Array {
    return columnOf(this.#numbers, numberFields.indexOf(field)).upTo(this.#length)
  }

  texts(field: TextField): TextColumn {
    return columnOf(this.#texts, textFields.indexOf(field)).upTo(this.#length)
  }

  /** Names of the checks that any request has a score of, in the order of first sight. */
  checks(): readonly string[] {
    return [...this.#scores.keys()]
  }

  /** Scores of one check, 0..1, `NaN` where a request has none; empty for a check that no request has. */
  scores(check: string): Float64Array {
    return this.#scores.get(check)?.upTo(this.#length) ?? new Float64Array(0)
  }

  /** The record that was pushed as number `index`, from 0. Throws a RangeError outside the table. */
  row(index: number): RequestRecord {
    if (!(index >= 0 && index < this.#length)) throw new RangeError(`no row ${index}`)
    const fields: Record<string, unknown> = { type: 'request' }
    const columns = [...this.#numbers, ...this.#texts]
    ;[...numberFields, ...textFields].forEach((field, place) => {
      const value = columns[place]?.get(index)
      if (value !== undefined) fields[field] = value
    })
    const scores = [...this.#scores].flatMap(([check, column]) => {
      const score = column.get(index)
      return score === undefined ? [] : [[check, score] as const]
    })
    const record = recordSchemas.request.parse(fields)
    // Beside the schema, which would drop a check that is called `__proto__`.
    return scores.length === 0 ? record : { ...record, scores: Object.fromEntries(scores) }
  }

  #score(check: string): NumberColumn {
    let column = this.#scores.get(check)
    if (column === undefined) {
      column = new NumberColumn()
      this.#scores.set(check, column)
    }
    return column
  }
}
