import { quoted } from '../../errors/quote.ts'
import type { Reading } from './reading.ts'

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
