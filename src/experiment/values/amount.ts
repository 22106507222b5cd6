/**
 * Amounts with a unit, as people and tools write them: `6.53/s`, `45.4s`, `53 tok/s`, `1m32.5s`, `1,024`. Also rates
 * and durations in the form that experiment files have: `6/s`, `1h30m`.
 */
import { alternatives, quoted } from '../../errors/quote.ts'
import type { Unit } from '../../metrics/metric.ts'
import { type Reading, isRead } from './reading.ts'
import { factorBetween, normalUnit, severalUnits, unitsFor, withoutRoundingError } from './units.ts'

export interface Amount {
  readonly value: number
  /** In normal form, without spaces: `req/s` for `requests per second`, `GiB` for `gib`. Empty for a bare number. */
  readonly unit: string
}

/** The text that `formatAmount` writes after the number, by unit. */
const suffixes: Readonly<Record<Unit, string>> = {
  '1/s': '/s',
  'tokens/s': ' tokens/s',
  ms: 'ms',
  'ms/token': ' ms/token',
  tokens: ' tokens',
  '%': '%',
  count: '',
  GB: 'GB',
  'J/token': ' J/token',
}

/** An amount as it should be written: `500ms`, `6/s`, `14 tokens`. */
export function formatAmount(value: number, unit: Unit): string {
  return `${plainNumber(value)}${suffixes[unit]}`
}

/** The number with all its digits and without an exponent. */
export function plainNumber(value: number): string {
  const text = String(value)
  if (!text.includes('e')) return text
  return Number.isInteger(value) ? BigInt(value).toString() : value.toFixed(100).replace(/0+$/, '')
}

/**
 * Sign, number with thousands separators, exponent and unit. All separators are the same: `1,234,567`, `1'234`, or
 * `1 234` with a no-break space. No number with separators begins with 0: `0,525` has a decimal comma.
 */
const amountForm =
  /^([+\-−–]?) ?((?:[1-9]\d{0,2}(?:([,'’_\u00a0\u2009\u202f])\d{3})(?:\3\d{3})*|\d+)(?:\.\d+)?|\.\d+)(e[+-]?\d+)?\s*([^\d\s.,'_+][^\d]*)?$/i

/** Reads a number with its unit, `1,024 tokens`, or a duration in several units, `1m32.5s`. */
export function parseAmount(text: string): Reading<Amount> {
  const written = halfWidth(text).trim()
  const duration = severalUnits(written)
  if (duration !== undefined) return { value: { value: duration, unit: 'ms' } }
  const [, sign = '', digits, , exponent = '', unit = ''] = amountForm.exec(written) ?? []
  const value =
    Number(`${(digits ?? '').replaceAll(/[^\d.]/g, '')}${exponent}`) *
    (sign === '' || sign === '+' ? 1 : -1)
  if (digits === undefined || !Number.isFinite(value))
    return {
      message: `${quoted(text)} is not a number with a unit`,
      hint: hintForForm(written),
    }
  return { value: { value, unit: normalUnit(unit) } }
}

/** Replaces the full-width characters that Chinese keyboards type by ASCII: `１２ｍｓ` → `12ms`, `９５％` → `95%`. */
export function halfWidth(text: string): string {
  return text.replaceAll(/[\uff01-\uff5e]/g, (character) => character.normalize('NFKC'))
}

const range =
  /^(?:[<>≤≥≦≧]|(?:between|under|over|below|above|up to|at least|at most|less than|more than)\s)|\d\s*[^\d\s]{0,8}\s*(?:[-–—~〜+]|\.{2,}|…|to|至|到)\s*\d|\d\+/i

function hintForForm(written: string): string {
  const [comma] = /^\d[\d.'’\s]*,\d+(?![\d,])/.exec(written) ?? []
  if (comma !== undefined)
    return `write a decimal point: ${quoted(comma.replaceAll(/[.'’\s]/g, '').replace(',', '.'))}, not ${quoted(comma)}`
  const [dots] = /^[1-9]\d{0,2}(?:\.\d{3}){2,}(?![.\d])/.exec(written) ?? []
  if (dots !== undefined)
    return `write the number without points: ${quoted(written.replace(dots, dots.replaceAll('.', '')))}`
  const clock = clockHint(written)
  if (clock !== undefined) return clock
  if (range.test(written)) return 'write one number, not a limit or a range'
  if (/^\d+(?: \d{3})+(?!\d)/.test(written))
    return `write the number without spaces: ${quoted(written.replaceAll(/(?<=\d) (?=\d)/g, ''))}`
  if (/^\[?\d[\d.]*(?:(?: ?[,;/、] ?| )\d[\d.]*){2}/.test(written))
    return 'write several runs as a list, such as `[A, B, C] UNIT`'
  if (
    /^(?:|[-–—?]+|n\.?\/?a\.?|tbd|pending|nan|null|none|unknown|[+-]?inf(?:inity)?\b.*)$/i.test(
      written,
    )
  )
    return 'remove the line if the value is not known'
  return `write a number and its unit, such as ${otherExamples(written, ['397.75ms', '6.53/s', '90%'])}`
}

/** How to write a time with colons, such as `1:30` or `00:01:30`; undefined for any other text. */
function clockHint(written: string): string | undefined {
  const [whole, hours, minutes = '', seconds = ''] =
    /^(?:(\d+):)?(\d+):(\d\d(?:\.\d+)?)/.exec(written) ?? []
  if (whole === undefined) return undefined
  const units = `${hours === undefined ? '' : `${hours}h`}${minutes}m${seconds}s`
  return `write the units: ${quoted(units)}, not ${quoted(whole)}`
}

/**
 * The examples that share no number with the text: the same number with another unit would look like a correction. All
 * of them if each shares one.
 */
export function otherExamples(text: string, examples: readonly string[]): string {
  const numbersIn = (each: string) => (each.match(/\d+(?:\.\d+)?/g) ?? []).map(Number)
  const taken = numbersIn(halfWidth(text))
  const others = examples.filter((each) => !numbersIn(each).some((one) => taken.includes(one)))
  return alternatives(others.length > 0 ? others : examples)
}

/** The amount in a metric's unit; undefined if its unit measures something else. */
export function convertAmount(amount: Amount, unit: Unit): number | undefined {
  const factor = factorBetween(amount.unit, unit)
  return factor === undefined ? undefined : withoutRoundingError(amount.value * factor)
}

/** What to write instead of an amount that `convertAmount` refuses. */
export function hintForUnit({ value, unit }: Amount, wanted: Unit): string {
  const number = Math.abs(value)
  if (unit === '' && wanted === 'ms')
    return `add the unit: ${quoted(`${plainNumber(number)}ms`)} or ${quoted(`${plainNumber(number)}s`)}`
  // without a unit, `1.0` may mean 1 % or 100 %
  if (unit === '' && (wanted !== '%' || number > 1))
    return `add the unit: ${quoted(formatAmount(number, wanted))}`
  // The example has another number than the file, because the right number in this unit is not known.
  const example = formatAmount(number === 90 ? 45 : 90, wanted)
  return `write it in ${alternatives(unitsFor(wanted))}, such as ${quoted(example)}`
}

/** The pattern of a rate in the JSON schema. */
export const ratePattern = String.raw`^\d+(?:\.\d+)?/(?:s|min|m|h)$`

const secondsIn: Readonly<Record<string, number>> = { s: 1, min: 60, m: 60, h: 3600 }

/** Reads `6/s`, `90/min` or `100/h` as requests per second: above 0 and at most 100,000. */
export function parseRate(text: string): Reading<number> {
  const hint = `write requests over time, such as ${otherExamples(text, ['6/s', '90/min', '100/h'])}`
  if (!new RegExp(ratePattern).test(text))
    return { message: `${quoted(text)} is not a rate`, hint: correctRate(text) ?? hint }
  const [amount = '', unit = ''] = text.split('/')
  const value = Number(amount) / (secondsIn[unit] ?? 1)
  if (!(value > 0 && value <= 100_000))
    return { message: `${quoted(text)} is not between 0 and 100000 per second`, hint }
  return { value }
}

/** How to write a rate in another spelling, such as `6 req/s`; undefined if it cannot be read. */
export function correctRate(text: string): string | undefined {
  const amount = parseAmount(text)
  if (!isRead(amount) || amount.value.value <= 0) return undefined
  const { value, unit } = amount.value
  const number = plainNumber(value)
  if (unit === '')
    return `add the unit: ${alternatives(['s', 'min', 'h'].map((per) => `${number}/${per}`))}`
  const perSecond = convertAmount(amount.value, '1/s')
  if (perSecond === undefined) return undefined
  const per = /\/(min|h)$/.exec(unit)?.[1]
  return `write ${quoted(per === undefined ? `${plainNumber(perSecond)}/s` : `${number}/${per}`)}`
}

const millisecondsIn: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1000,
  m: 60_000,
  min: 60_000,
  h: 3_600_000,
}

/** The pattern of a duration in the JSON schema. */
export const durationPattern = String.raw`^(?:\d+(?:\.\d+)?(?:ms|s|min|m|h))+$`

const maxMs = 7 * 24 * 3_600_000

/** Reads `30s`, `500ms`, `5m` (or `5min`) or `1h30m` as milliseconds. Refuses more than seven days. */
export function parseDuration(text: string): Reading<number> {
  const examples = otherExamples(text, ['30s', '500ms', '5m', '1h20m'])
  const hint = `write a number with its unit, such as ${examples}`
  if (!new RegExp(durationPattern).test(text))
    return { message: `${quoted(text)} is not a duration`, hint: correctDuration(text) ?? hint }
  let total = 0
  for (const [, amount = '', unit = ''] of text.matchAll(/(\d+(?:\.\d+)?)(ms|s|min|m|h)/g))
    total += Number(amount) * (millisecondsIn[unit] ?? 0)
  if (total > maxMs) return { message: `${quoted(text)} is longer than seven days`, hint }
  return { value: total }
}

/** How to write a duration in another spelling, such as `30 seconds`; undefined if it cannot be read. */
export function correctDuration(text: string): string | undefined {
  const amount = parseAmount(text)
  if (!isRead(amount)) return clockHint(text)
  if (amount.value.value < 0) return undefined
  if (amount.value.unit === '') return hintForUnit(amount.value, 'ms')
  const ms = convertAmount(amount.value, 'ms')
  return ms === undefined ? undefined : `write ${quoted(formatDuration(ms))}`
}

/** Writes milliseconds in the largest unit that gives a whole number: `5m`, `30s`, `1500ms`. */
export function formatDuration(ms: number): string {
  if (ms % 60_000 === 0) return `${ms / 60_000}m`
  return ms % 1000 === 0 ? `${ms / 1000}s` : `${plainNumber(ms)}ms`
}
