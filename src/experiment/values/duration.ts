import { quoted } from '../../errors/quote.ts'
import { plainNumber } from './amount.ts'
import type { Reading } from './reading.ts'

const millisecondsIn: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1000,
  m: 60_000,
  min: 60_000,
  h: 3_600_000,
}

/** A duration, as the pattern of the JSON schema. */
export const durationPattern = String.raw`^(?:\d+(?:\.\d+)?(?:ms|s|min|m|h))+$`

const maxMs = 7 * 24 * 3_600_000

/** Reads `30s`, `500ms`, `5m` (or `5min`) or `1h30m` as milliseconds. Refuses more than seven days. */
export function parseDuration(text: string): Reading<number> {
  const hint = 'write a number with its unit, such as `30s`, `500ms`, `5m` or `1h30m`'
  if (!new RegExp(durationPattern).test(text))
    return { message: `${quoted(text)} is not a duration`, hint }
  let total = 0
  for (const [, amount = '', unit = ''] of text.matchAll(/(\d+(?:\.\d+)?)(ms|s|min|m|h)/g))
    total += Number(amount) * (millisecondsIn[unit] ?? 0)
  if (total > maxMs) return { message: `${quoted(text)} is longer than seven days`, hint }
  return { value: total }
}

/** Writes milliseconds in the largest unit that gives a whole number: `5m`, `30s`, `1500ms`. */
export function formatDuration(ms: number): string {
  if (ms % 60_000 === 0) return `${ms / 60_000}m`
  return ms % 1000 === 0 ? `${ms / 1000}s` : `${plainNumber(ms)}ms`
}
