/** Amounts with a unit, as documents and people write them: `6.53/s`, `~45.4s`, `100% (2/2)`. */
import { quoted } from '../../errors/quote.ts'
import type { Unit } from '../../metrics/metric.ts'
import { type Reading, isRead } from './reading.ts'

export interface Amount {
  readonly value: number
  /** As written after the number, without spaces; empty for a bare number. */
  readonly unit: string
}

/** How each unit may be written, and the factor to convert it. The first spelling is used when writing. */
const spellings: Readonly<Record<Unit, Readonly<Record<string, number>>>> = {
  '1/s': { '/s': 1, '1/s': 1, 'req/s': 1, '/min': 1 / 60 },
  'tokens/s': { ' tokens/s': 1, 'tokens/s': 1, 'token/s': 1, 'tok/s': 1 },
  ms: { ms: 1, s: 1000, min: 60_000, m: 60_000, h: 3_600_000 },
  'ms/token': { ' ms/token': 1, 'ms/token': 1 },
  tokens: { ' tokens': 1, tokens: 1, token: 1, '': 1 },
  '%': { '%': 1 },
  count: { '': 1 },
}

/** An amount as it should be written: `500ms`, `6/s`, `14 tokens`. */
export function formatAmount(value: number, unit: Unit): string {
  return `${plainNumber(value)}${Object.keys(spellings[unit])[0] ?? ''}`
}

/** The number without an exponent, which written amounts do not have. No digit is lost. */
export function plainNumber(value: number): string {
  const text = String(value)
  if (!text.includes('e')) return text
  return Number.isInteger(value) ? BigInt(value).toString() : value.toFixed(100).replace(/0+$/, '')
}

const amountForm = /^([+\-−]?)((?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?)\s*(\D*)$/

/** Reads a number, which may have a sign and thousands separators, and the unit after it. */
export function parseAmount(text: string): Reading<Amount> {
  const [, sign = '', digits, unit = ''] = amountForm.exec(text.trim()) ?? []
  if (digits === undefined)
    return {
      message: `${quoted(text)} is not a number with a unit`,
      hint: 'write a number and its unit, such as `397.75ms`, `6.53/s` or `90%`',
    }
  const value = Number(digits.replaceAll(',', '')) * (sign === '' || sign === '+' ? 1 : -1)
  return { value: { value, unit: unit.replaceAll(/\s+/g, '') } }
}

/** The amount in a metric's unit; undefined if its unit measures something else. */
export function convertAmount(amount: Amount, unit: Unit): number | undefined {
  const factor = Object.hasOwn(spellings[unit], amount.unit)
    ? spellings[unit][amount.unit]
    : undefined
  // 45.4 * 1000 has the binary rounding error of 45.4: remove the digits that nobody wrote.
  return factor === undefined ? undefined : Number((amount.value * factor).toPrecision(15))
}

export interface RecordedValue {
  readonly value: number
  readonly counts?: { readonly part: number; readonly whole: number }
  readonly approximate?: boolean
}

const recordedForm = /^([~≈约]?)\s*(.*?)\s*(?:\(\s*(\d+)\s*\/\s*(\d+)\s*\))?$/

/** Reads a figure from a document, in the unit of its metric: `6.53/s`, `~45.4s`, `100% (2/2)`, or a bare number for counts. */
export function parseRecordedFigure(text: string | number, unit: Unit): Reading<RecordedValue> {
  const [, about = '', main = '', part, whole] = recordedForm.exec(String(text).trim()) ?? []
  const amount = parseAmount(main)
  if (!isRead(amount)) return amount
  const value = convertAmount(amount.value, unit)
  if (value === undefined || value < 0)
    return {
      message: `${quoted(text)} is not ${unit === 'count' ? 'a count' : `an amount in \`${unit}\``}`,
      hint: `write it with its unit: \`${formatAmount(Math.abs(amount.value.value), unit)}\``,
    }
  const counts = countsOf(part, whole)
  if (counts !== undefined && !countsMatchShare(value, counts, unit))
    return {
      message: `${quoted(text)} contradicts itself: its counts do not match its percentage`,
      hint: 'copy both from the document again, or omit the counts',
    }
  return {
    value: {
      value,
      ...(counts === undefined ? {} : { counts }),
      ...(about === '' ? {} : { approximate: true }),
    },
  }
}

function countsOf(part: string | undefined, whole: string | undefined) {
  return part === undefined || whole === undefined
    ? undefined
    : { part: Number(part), whole: Number(whole) }
}

/** Allows for rounding: documents round shares to whole percents at most. */
function countsMatchShare(
  value: number,
  counts: { part: number; whole: number },
  unit: Unit,
): boolean {
  if (unit !== '%' || counts.whole === 0 || counts.part > counts.whole) return false
  return Math.abs((100 * counts.part) / counts.whole - value) <= 0.5
}

/** A rate, as the pattern of the JSON schema. */
export const ratePattern = String.raw`^\d+(?:\.\d+)?/(?:s|min|m|h)$`

const secondsIn: Readonly<Record<string, number>> = { s: 1, min: 60, m: 60, h: 3600 }

/** Reads `6/s`, `90/min` or `100/h` as requests per second: above 0 and at most 100,000. */
export function parseRate(text: string): Reading<number> {
  const hint = 'write requests over time, such as `6/s` or `90/min`'
  if (!new RegExp(ratePattern).test(text)) return { message: `${quoted(text)} is not a rate`, hint }
  const [amount = '', unit = ''] = text.split('/')
  const value = Number(amount) / (secondsIn[unit] ?? 1)
  if (!(value > 0 && value <= 100_000))
    return { message: `${quoted(text)} is not between 0 and 100000 per second`, hint }
  return { value }
}
