/**
 * A short way for the lines that there are a million of: a request as `encodeRecord` writes it is read out of its
 * bytes without becoming a text or an object first. Whatever differs (a space, a field twice, a number below zero or
 * with an exponent) is left to `JSON.parse` and the schema of record.ts, which have the last word and say what is
 * wrong.
 */
import { parseJson } from '../json/parse-json.ts'
import { outcomes } from './record.ts'
import { numberFields, textFields, type RequestFields } from './request-table.ts'
import { TextCache } from './text-cache.ts'

const fields: readonly string[] = [...numberFields, ...textFields, 'scores']
const scoresField = fields.indexOf('scores')
const bits = (of: (field: string) => boolean) =>
  fields.reduce((sum, field, place) => (of(field) ? sum | (1 << place) : sum), 0)
const required = ['index', 'sample', 'user', 'phase', 'sentMs', 'endMs', 'outcome']
const requiredBits = bits((field) => required.includes(field))
const wholeBits = bits((field) => !field.endsWith('Ms'))
const allowed = new Map<string, ReadonlySet<string>>([
  ['phase', new Set(['warmup', 'measured'])],
  ['outcome', new Set(outcomes)],
])
const allowedTexts = textFields.map((field) => allowed.get(field))

const start = wordsOf('{"type":"request"')
/** Each field's name as it stands before its value. */
const keyTexts = fields.map((field) => `,"${field}":`)
const keys = keyTexts.map(wordsOf)
const fieldOf = new Map(keyTexts.map((key, place) => [key, place]))

/** Bytes in words of four, the last of which may overlap the one before; at least four bytes. */
interface Words {
  readonly length: number
  readonly words: Uint32Array
  readonly last: number
}

function wordsOf(text: string): Words {
  const bytes = Buffer.from(text)
  const whole = Math.floor((bytes.length - 1) / 4)
  return {
    length: bytes.length,
    words: Uint32Array.from({ length: whole }, (_, place) => bytes.readUInt32LE(place * 4)),
    last: bytes.readUInt32LE(bytes.length - 4),
  }
}

/** A number of so few digits is whole below 2^53 without its point, and one division rounds it as `JSON.parse` does. */
const exactDigits = 15
const powersOfTen = Array.from({ length: exactDigits + 1 }, (_, power) => 10 ** power)

const [quote, comma, point, colon, backslash] = [0x22, 0x2c, 0x2e, 0x3a, 0x5c]
const [open, close, zero, nine, space, lineFeed] = [0x7b, 0x7d, 0x30, 0x39, 0x20, 0x0a]

export interface RequestLine extends RequestFields {
  /** Where the next line begins. */
  readonly end: number
}

/** Reads one line after the other; what it gives is valid until the next line. */
export class RequestLineReader {
  readonly #numbers = new Float64Array(numberFields.length)
  readonly #texts: string[] = textFields.map(() => '')
  readonly #known = new TextCache()
  readonly #scores = new Map<string, number>()
  /** By field, and after the last one for the start: the field that came next in a line before, and mostly does. */
  readonly #next = new Uint8Array(fields.length + 1)
  #bytes: Buffer = Buffer.alloc(0)
  #view: DataView = new DataView(new ArrayBuffer(0))
  /** Where reading is; -1 once something was not plain. */
  #at = 0

  /** The line that begins at `from`, line feed included, or `undefined` where it is not plainly a request. */
  read(bytes: Buffer, from: number): RequestLine | undefined {
    if (bytes !== this.#bytes) {
      this.#bytes = bytes
      this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
    }
    this.#at = from
    if (!this.#skips(start)) return undefined
    this.#scores.clear()
    let present = 0
    for (let former = fields.length; this.#sees(comma);) {
      const field = this.#field(former)
      if (field < 0 || (present & (1 << field)) !== 0) return undefined
      this.#value(field)
      present |= 1 << field
      former = field
    }
    const end = this.#at + 2
    const ended = this.#sees(close) && bytes[end - 1] === lineFeed
    if (!ended || (present & requiredBits) !== requiredBits) return undefined
    return { present, numbers: this.#numbers, texts: this.#texts, scores: this.#scores, end }
  }

  #sees(code: number): boolean {
    return this.#bytes[this.#at] === code
  }

  /** Steps over these bytes if they come next. */
  #skips({ length, words, last }: Words): boolean {
    const [view, at] = [this.#view, this.#at]
    const end = at + length
    if (end > view.byteLength || view.getUint32(end - 4, true) !== last) return false
    for (let place = 0; place < words.length; place += 1)
      if (view.getUint32(at + place * 4, true) !== words[place]) return false
    this.#at = end
    return true
  }

  /** Steps over a field's name; -1 for what is no field. */
  #field(former: number): number {
    const guess = this.#next[former] ?? 0
    if (this.#skips(keys[guess] ?? start)) return guess
    const end = this.#bytes.indexOf(colon, this.#at) + 1
    const field = fieldOf.get(this.#bytes.toString('latin1', this.#at, end)) ?? -1
    if (field >= 0) this.#next[former] = field
    this.#at = end
    return field
  }

  #value(field: number): void {
    if (field < numberFields.length) {
      const value = this.#number()
      this.#numbers[field] = value
      if ((wholeBits & (1 << field)) !== 0 && !Number.isSafeInteger(value)) this.#refuse()
    } else if (field === scoresField) this.#readScores()
    else {
      const place = field - numberFields.length
      const value = this.#string()
      this.#texts[place] = value
      if (allowedTexts[place]?.has(value) === false) this.#refuse()
    }
  }

  /** Digits, and perhaps a point and more of them. */
  #number(): number {
    const bytes = this.#bytes
    const from = this.#at
    let at = from
    let whole = 0
    let code = bytes[at] ?? 0
    for (; code >= zero && code <= nine; code = bytes[++at] ?? 0) whole = whole * 10 + (code - zero)
    const pointAt = at
    if (code === point)
      for (code = bytes[++at] ?? 0; code >= zero && code <= nine; code = bytes[++at] ?? 0)
        whole = whole * 10 + (code - zero)
    const decimals = at > pointAt ? at - pointAt - 1 : 0
    const odd = pointAt === from || (at > pointAt && decimals === 0)
    const padded = pointAt > from + 1 && bytes[from] === zero
    const value =
      at - from <= exactDigits
        ? whole / (powersOfTen[decimals] ?? NaN)
        : Number(bytes.toString('latin1', from, at))
    this.#at = odd || padded || value === Infinity ? -1 : at
    return value
  }

  /** From quote to quote. */
  #string(): string {
    if (!this.#sees(quote)) return this.#refuse()
    const bytes = this.#bytes
    const from = this.#at + 1
    for (let at = from; ; at += 1) {
      const code = bytes[at] ?? 0
      if (code === quote) {
        this.#at = at + 1
        return this.#known.textOf(bytes, from, at)
      }
      if (code < space) return this.#refuse()
      if (code === backslash) return this.#escaped(from, at)
    }
  }

  /** A string with a backslash in it, the first one at `at`. */
  #escaped(from: number, at: number): string {
    const bytes = this.#bytes
    let end = at
    while (end < bytes.length && bytes[end] !== quote) end += bytes[end] === backslash ? 2 : 1
    const value = parseJson(bytes.toString('utf8', from - 1, end + 1))
    if (typeof value !== 'string') return this.#refuse()
    this.#at = end + 1
    return value
  }

  #readScores(): void {
    if (!this.#sees(open)) return void this.#refuse()
    do {
      this.#at += 1
      const check = this.#string()
      if (this.#scores.has(check) || !this.#sees(colon)) return void this.#refuse()
      this.#at += 1
      this.#scores.set(check, this.#number())
    } while (this.#sees(comma))
    if (this.#sees(close)) this.#at += 1
    else this.#refuse()
  }

  #refuse(): string {
    this.#at = -1
    return ''
  }
}
