/**
 * A quick yes to the records that there are a million of. The schema of record.ts has the last word: what
 * is not plainly in order goes through it, which is slower, and says what is wrong.
 */
import { outcomes, type RequestRecord } from './record.ts'
import { numberFields, textFields } from './request-table.ts'

const whole = (value: unknown) => Number.isSafeInteger(value) && Number(value) >= 0
const duration = (value: unknown) => typeof value === 'number' && value >= 0 && value < Infinity
const text = (value: unknown) => typeof value === 'string'
const knownOutcomes: ReadonlySet<unknown> = new Set(outcomes)

const checks: ReadonlyMap<string, (value: unknown) => boolean> = new Map([
  ...numberFields.map((field) => [field, field.endsWith('Ms') ? duration : whole] as const),
  ...textFields.map((field) => [field, text] as const),
  ['type', (value) => value === 'request'],
  ['phase', (value) => value === 'measured' || value === 'warmup'],
  ['outcome', (value) => knownOutcomes.has(value)],
  ['scores', areScores],
])
const required: ReadonlySet<string> = new Set([
  'type',
  'index',
  'sample',
  'user',
  'phase',
  'sentMs',
  'endMs',
  'outcome',
])

/** True only for what the schema of requests accepts; false means that the schema must be asked. */
export function isPlainlyRequest(value: unknown): value is RequestRecord {
  if (!isObject(value)) return false
  let missing = required.size
  for (const field in value) {
    if (checks.get(field)?.(value[field]) !== true) return false
    if (required.has(field)) missing -= 1
  }
  return missing === 0
}

function areScores(value: unknown): boolean {
  if (!isObject(value) || Array.isArray(value)) return false
  for (const check in value) {
    const score = value[check]
    if (typeof score !== 'number' || !Number.isFinite(score)) return false
  }
  return true
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null
}
