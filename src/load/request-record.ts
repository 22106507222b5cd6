/** From what happened on the wire to what is stored of it. */
import type { Generation } from '../ollama/generation.ts'
import type { RequestRecord } from '../results/record.ts'

export type Phase = RequestRecord['phase']

/** What the answer was worth, and what of it may be kept. */
export type AnswerEvaluation = Pick<RequestRecord, 'scores' | 'answerDigest' | 'answer'>
/** What of the prompt may be kept. */
export type StoredPrompt = Pick<RequestRecord, 'promptDigest' | 'prompt'>

export interface RequestContext {
  readonly index: number
  readonly sample: string
  readonly user: number
  readonly phase: Phase
  /** Open loop: when the schedule said, on the clock of the generation. */
  readonly scheduledAt?: number | undefined
}

type Draft<T> = { -readonly [Key in keyof T]: T[Key] }

/** Milliseconds to the microsecond: the clock is no better, and the file half as long. */
export function toMicrosecond(ms: number): number {
  return Math.round(ms * 1000) / 1000
}

/**
 * The record of one request. Fields without a value are left out.
 * @param zero the trial's start, on the clock of the generation
 */
export function requestRecord(
  place: RequestContext,
  generation: Generation,
  zero: number,
  prompt: StoredPrompt,
  judgement: AnswerEvaluation,
): RequestRecord {
  const record: Draft<RequestRecord> = {
    type: 'request',
    index: place.index,
    sample: place.sample,
    user: place.user,
    phase: place.phase,
    sentMs: toMicrosecond(generation.sentAt - zero),
    endMs: toMicrosecond(generation.endedAt - zero),
    outcome: generation.outcome,
  }
  const { firstByteAt, firstThinkingAt, firstContentAt, longestGap } = generation
  if (place.scheduledAt !== undefined) record.scheduledMs = toMicrosecond(place.scheduledAt - zero)
  if (firstByteAt !== undefined) record.firstByteMs = toMicrosecond(firstByteAt - zero)
  if (firstThinkingAt !== undefined) record.firstThinkingMs = toMicrosecond(firstThinkingAt - zero)
  if (firstContentAt !== undefined) record.firstContentMs = toMicrosecond(firstContentAt - zero)
  if (longestGap !== undefined) record.longestGapMs = toMicrosecond(longestGap)
  addServerFigures(record, generation)
  return Object.assign(record, prompt, judgement)
}

function addServerFigures(record: Draft<RequestRecord>, generation: Generation): void {
  const { error, httpStatus, promptTokens, cachedTokens, outputTokens, doneReason, remoteHost } =
    generation
  const { totalMs, loadMs, promptEvalMs, evalMs } = generation
  if (error !== undefined) record.error = error
  if (httpStatus !== undefined) record.httpStatus = httpStatus
  if (promptTokens !== undefined) record.promptTokens = promptTokens
  if (cachedTokens !== undefined) record.cachedTokens = cachedTokens
  if (outputTokens !== undefined) record.outputTokens = outputTokens
  if (totalMs !== undefined) record.serverTotalMs = toMicrosecond(totalMs)
  if (loadMs !== undefined) record.loadMs = toMicrosecond(loadMs)
  if (promptEvalMs !== undefined) record.promptEvalMs = toMicrosecond(promptEvalMs)
  if (evalMs !== undefined) record.evalMs = toMicrosecond(evalMs)
  if (doneReason !== undefined) record.doneReason = doneReason
  if (remoteHost !== undefined) record.remoteHost = remoteHost
}
