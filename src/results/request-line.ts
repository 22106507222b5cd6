/**
 * A short way for the lines that there are a million of: a request as `encodeRecord` writes it is read without
 * becoming an object first. Whatever differs (a space, a field twice, a number below zero or with an exponent) is
 * left to `JSON.parse` and the schema of record.ts, which have the last word and say what is wrong.
 */
import { parseJson } from './parse-json.ts'
import { outcomes } from './record.ts'
import { numberFields, textFields, type RequestFields } from './request-table.ts'

const start = '{"type":"request"'
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

/** Each field's name as it stands before its value: as text to look up, as codes to compare. */
const keys = fields.map((field) => `,"${field}":`)
const keyCodes = keys.map((key) => Uint8Array.from(Buffer.from(key)))
const fieldOf = new Map(keys.map((key, place) => [key, place]))

/** A number of so few digits is whole below 2^53 without its point, and one division rounds it as `JSON.parse` does. */
const exactDigits = 15
const powersOfTen = Array.from({ length: exactDigits + 1 }, (_, power) => 10 ** power)

const [quote, comma, point, colon, backslash] = [0x22, 0x2c, 0x2e, 0x3a, 0x5c]
const [open, close, zero, nine, space] = [0x7b, 0x7d, 0x30, 0x39, 0x20]

/** Reads one line after the other; what it gives is valid until the next line. */
export class RequestLineReader {
  readonly #numbers = new Float64Array(numberFields.length)
  readonly #texts: string[] = textFields.map(() => '')
  /** What each text was last, without escapes: it mostly comes again, and to compare is quicker than to make. */
  readonly #guesses: string[] = textFields.map(() => '')
  readonly #scores = new Map<string, number>()
  /** By field, and after the last one for the start: the field that came next in a line before, and mostly does. */
  readonly #next = new Uint8Array(fields.length + 1)
  #text = ''
  #end = 0
  /** Where reading is; -1 once something was not plain. */
  #at = 0

  /** The request from `from` up to `to` in a text, or `undefined` where it is not plainly one. */
  read(text: string, from: number, to: number): RequestFields | undefined {
    if (!text.startsWith(start, from)) return undefined
    this.#text = text
    this.#end = to
    this.#at = from + start.length
    this.#scores.clear()
    let present = 0
    for (let former = fields.length; this.#sees(comma);) {
      const field = this.#field(former)
      if (field < 0 || (present & (1 << field)) !== 0) return undefined
      this.#value(field)
      present |= 1 << field
      former = field
    }
    const ended = this.#sees(close) && this.#at === to - 1
    if (!ended || (present & requiredBits) !== requiredBits) return undefined
    return { present, numbers: this.#numbers, texts: this.#texts, scores: this.#scores }
  }

  #sees(code: number): boolean {
    return this.#text.charCodeAt(this.#at) === code
  }

  /** Steps over a field's name; -1 for what is no field. */
  #field(former: number): number {
    let field = this.#next[former] ?? 0
    if (!this.#isKey(field)) {
      const end = this.#text.indexOf(':', this.#at)
      const found = fieldOf.get(this.#text.slice(this.#at, end + 1))
      if (found === undefined) return -1
      field = this.#next[former] = found
    }
    this.#at += keys[field]?.length ?? 0
    return field
  }

  #isKey(field: number): boolean {
    const codes = keyCodes[field] ?? []
    for (let place = 0; place < codes.length; place += 1)
      if (this.#text.charCodeAt(this.#at + place) !== codes[place]) return false
    return true
  }

  #value(field: number): void {
    if (field < numberFields.length) {
      const value = this.#number()
      this.#numbers[field] = value
      if ((wholeBits & (1 << field)) !== 0 && !Number.isSafeInteger(value)) this.#refuse()
    } else if (field === scoresField) this.#readScores()
    else {
      const place = field - numberFields.length
      const from = this.#at
      const value = this.#string(this.#guesses[place])
      this.#texts[place] = value
      if (this.#at - from === value.length + '""'.length) this.#guesses[place] = value
      if (allowedTexts[place]?.has(value) === false) this.#refuse()
    }
  }

  /** Digits, and perhaps a point and more of them. */
  #number(): number {
    const text = this.#text
    const from = this.#at
    let at = from
    let whole = 0
    let code = text.charCodeAt(at)
    for (; code >= zero && code <= nine; code = text.charCodeAt(++at))
      whole = whole * 10 + (code - zero)
    const pointAt = at
    if (code === point)
      for (code = text.charCodeAt(++at); code >= zero && code <= nine; code = text.charCodeAt(++at))
        whole = whole * 10 + (code - zero)
    const decimals = at > pointAt ? at - pointAt - 1 : 0
    const odd = pointAt === from || (at > pointAt && decimals === 0)
    const padded = pointAt > from + 1 && text.charCodeAt(from) === zero
    const value =
      at - from <= exactDigits
        ? whole / (powersOfTen[decimals] ?? NaN)
        : Number(text.slice(from, at))
    this.#at = odd || padded || value === Infinity ? -1 : at
    return value
  }

  /** From quote to quote. @param guess a text without escapes that is tried first */
  #string(guess = ''): string {
    if (!this.#sees(quote)) return this.#refuse()
    const text = this.#text
    const from = this.#at + 1
    let at = from
    while (at - from < guess.length && text.charCodeAt(at) === guess.charCodeAt(at - from)) at += 1
    for (; at < this.#end; at += 1) {
      const code = text.charCodeAt(at)
      if (code === quote) break
      if (code < space) return this.#refuse()
      if (code === backslash) return this.#escaped(from, at)
    }
    this.#at = at + 1
    return at - from === guess.length && text.startsWith(guess, from) ? guess : text.slice(from, at)
  }

  /** A string with a backslash in it, the first one at `at`. */
  #escaped(from: number, at: number): string {
    const text = this.#text
    let end = at
    while (end < this.#end && text.charCodeAt(end) !== quote)
      end += text.charCodeAt(end) === backslash ? 2 : 1
    const value = parseJson(text.slice(from - 1, end + 1))
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
