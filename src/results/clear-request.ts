/** A fast check that accepts only valid request records. */
import { limits } from '../errors/limits.ts'
import { isLogHistogram } from '../stats/log-histogram.ts'
import { maxMs, maxScore, outcomes, recordSchemas, type RequestRecord } from './record.ts'

const requestFields: ReadonlySet<string> = new Set(Object.keys(recordSchemas.request.shape))
const knownOutcomes: ReadonlySet<unknown> = new Set(outcomes)

/**
 * True only for valid request records. Faster than the schema, because a large trial holds a million requests. If it is
 * false, check the value with the schema, which decides and names the problem.
 */
export function passesFastRequestCheck(value: unknown): value is RequestRecord {
  if (typeof value !== 'object' || value === null) return false
  for (const field in value) if (!requestFields.has(field)) return false
  const record: { readonly [Field in keyof RequestRecord]?: unknown } = value
  return (
    record.type === 'request' &&
    isCount(record.index) &&
    isText(record.sample) &&
    isCount(record.user) &&
    (record.phase === 'measured' || record.phase === 'warmup') &&
    isTextOrAbsent(record.item) &&
    isCountOrAbsent(record.conversation) &&
    isCountOrAbsent(record.turn) &&
    record.turn !== 0 &&
    isMsOrAbsent(record.scheduledMs) &&
    isMsOrAbsent(record.pauseMs) &&
    isMs(record.sentMs) &&
    isMsOrAbsent(record.firstByteMs) &&
    isMsOrAbsent(record.firstThinkingMs) &&
    isMsOrAbsent(record.firstContentMs) &&
    isMsOrAbsent(record.longestGapMs) &&
    isHistogramOrAbsent(record.tokenGaps) &&
    isMs(record.endMs) &&
    knownOutcomes.has(record.outcome) &&
    isTextOrAbsent(record.error) &&
    isCountOrAbsent(record.httpStatus) &&
    isCountOrAbsent(record.promptTokens) &&
    isCountOrAbsent(record.cachedTokens) &&
    isCountOrAbsent(record.outputTokens) &&
    isMsOrAbsent(record.serverTotalMs) &&
    isMsOrAbsent(record.loadMs) &&
    isMsOrAbsent(record.promptEvalMs) &&
    isMsOrAbsent(record.evalMs) &&
    isTextOrAbsent(record.doneReason) &&
    areScoresOrAbsent(record.scores) &&
    isTextOrAbsent(record.remoteHost) &&
    isTextOrAbsent(record.promptDigest) &&
    isTextOrAbsent(record.answerDigest) &&
    isLongTextOrAbsent(record.prompt) &&
    isLongTextOrAbsent(record.answer)
  )
}

const isMs = (value: unknown) => typeof value === 'number' && value >= 0 && value <= maxMs
const isCount = (value: unknown) => Number.isSafeInteger(value) && Number(value) >= 0
const isText = (value: unknown) =>
  typeof value === 'string' && value.length <= limits.storedShortText.max
const isMsOrAbsent = (value: unknown) => value === undefined || isMs(value)
const isCountOrAbsent = (value: unknown) => value === undefined || isCount(value)
const isTextOrAbsent = (value: unknown) => value === undefined || isText(value)
const isLongTextOrAbsent = (value: unknown) =>
  value === undefined || (typeof value === 'string' && value.length <= limits.storedLongText.max)

const isHistogramOrAbsent = (value: unknown) =>
  value === undefined || (Array.isArray(value) && isLogHistogram(value))

function areScoresOrAbsent(value: unknown): boolean {
  if (value === undefined) return true
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false
  const scores: readonly (readonly [string, unknown])[] = Object.entries(value)
  return (
    scores.length <= limits.storedEntries.max &&
    scores.every(
      ([name, score]) => isText(name) && typeof score === 'number' && Math.abs(score) <= maxScore,
    )
  )
}
