/** Scores the answers of a model by the checks of a dataset. */
import { parseJson } from '../json/json.ts'
import type { Check, Sample } from './dataset.ts'
import type { Scalar } from './model.ts'
import { compilePattern } from './pattern.ts'
import { isRead } from './values/reading.ts'

/** A check without `field` compares the whole answer with this field of `expected`. */
export const wholeAnswer = 'answer'

/**
 * The scores of one answer, by check name, from 0 to 1. If a check cannot be applied, because the answer is not JSON,
 * lacks the field or is not a number, the score is 0. A check that does not apply to a turn has no score.
 */
export function scoreAnswer(
  checks: readonly Check[],
  sample: Sample,
  answer: string,
): Readonly<Record<string, number>> {
  const json = parseJson(answer)
  const applied = checks.filter(({ measure }) => !isUnchecked(sample, measure))
  return Object.fromEntries(
    applied.map((check) => [check.name, score(check, sample, answer, json)]),
  )
}

/** True for a turn of a conversation without expected values, if the measure compares with one. */
export function isUnchecked({ turn, expected }: Sample, measure: Check['measure']): boolean {
  if (measure === 'json' || measure === 'regex') return false
  return turn !== undefined && Object.keys(expected).length === 0
}

function score(check: Check, sample: Sample, answer: string, json: unknown): number {
  const found = check.field === undefined ? answer.trim() : fieldOf(json, check.field)
  const expected = sample.expected[check.field ?? wholeAnswer]
  switch (check.measure) {
    case 'json':
      return Number(check.field === undefined ? json !== undefined : found !== undefined)
    case 'regex':
      return Number(matches(check.pattern ?? '', found))
    case 'exact':
      return Number(found !== undefined && expected !== undefined && isSame(found, expected))
    case 'contains':
      return Number(
        found !== undefined && expected !== undefined && String(found).includes(String(expected)),
      )
    case 'closeness':
      return closeness(check.range ?? [0, 100], found, expected)
  }
}

/** 1 − |x − expected| / (high − low), at least 0. 0 if either is not a number. */
function closeness(
  [low, high]: readonly [number, number],
  found: Scalar | undefined,
  expected: Scalar | undefined,
): number {
  const [x, wanted] = [asNumber(found), asNumber(expected)]
  if (x === undefined || wanted === undefined) return 0
  return Math.max(0, 1 - Math.abs(x - wanted) / (high - low))
}

function matches(pattern: string, found: Scalar | undefined): boolean {
  const matcher = compilePattern(pattern)
  return found !== undefined && isRead(matcher) && matcher.value(String(found))
}

/** Compares as numbers if either is a number, otherwise as text without surrounding white space. */
function isSame(found: Scalar, expected: Scalar): boolean {
  if (typeof found === 'number' || typeof expected === 'number')
    return asNumber(found) === asNumber(expected) && asNumber(found) !== undefined
  return String(found).trim() === String(expected).trim()
}

function asNumber(value: Scalar | undefined): number | undefined {
  if (typeof value === 'number') return Number.isFinite(value) ? value : undefined
  if (typeof value !== 'string' || value.trim() === '') return undefined
  const number = Number(value)
  return Number.isFinite(number) ? number : undefined
}

/** A scalar field of a JSON object; undefined if it is missing or not a scalar. */
function fieldOf(json: unknown, field: string): Scalar | undefined {
  if (typeof json !== 'object' || json === null || !Object.hasOwn(json, field)) return undefined
  const value: unknown = Object.entries(json).find(([key]) => key === field)?.[1]
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
    ? value
    : undefined
}
