/** Converts the result of a request to its stored record. */
import type { Generation } from '../ollama/generation.ts'
import type { RequestRecord } from '../results/record.ts'
import { logHistogram } from '../stats/log-histogram.ts'

export type Phase = RequestRecord['phase']

/** The scores of an answer, and the part of it that may be stored. */
export type AnswerEvaluation = Pick<RequestRecord, 'scores' | 'answerDigest' | 'answer'>
/** The part of a prompt that may be stored. */
export type StoredPrompt = Pick<RequestRecord, 'promptDigest' | 'prompt'>

/** The facts about a request that its generation does not contain. */
export interface RequestContext {
  readonly index: number
  readonly sample: string
  readonly user: number
  readonly phase: Phase
  /** The item of the mix. */
  readonly item?: string | undefined
  /** The request's conversation, and the number of its turn. */
  readonly turn?: { readonly conversation: number; readonly number: number } | undefined
  /** When the request was due, on the clock of the generation. Open loop only. */
  readonly scheduledAt?: number | undefined
  /** Length of the user's pause before the request. Closed loop with pauses only. */
  readonly pauseMs?: number | undefined
}

type Mutable<T> = { -readonly [Key in keyof T]: T[Key] }

/** Rounds milliseconds to microseconds: the clock is not more precise, and files become half as large. */
export function toMicrosecond(ms: number): number {
  return Math.round(ms * 1000) / 1000
}

/**
 * The record of one request. Omits fields without a value.
 * @param trialStart the trial's start, on the clock of the generation
 */
export function requestRecord(
  context: RequestContext,
  generation: Generation,
  trialStart: number,
  prompt: StoredPrompt,
  evaluation: AnswerEvaluation,
): RequestRecord {
  const record: Mutable<RequestRecord> = {
    type: 'request',
    index: context.index,
    sample: context.sample,
    user: context.user,
    phase: context.phase,
    sentMs: toMicrosecond(generation.sentAt - trialStart),
    endMs: toMicrosecond(generation.endedAt - trialStart),
    outcome: generation.outcome,
  }
  const { firstByteAt, firstThinkingAt, firstContentAt, longestGap, tokenGaps } = generation
  if (context.item !== undefined) record.item = context.item
  if (context.turn !== undefined) {
    record.conversation = context.turn.conversation
    record.turn = context.turn.number
  }
  if (context.scheduledAt !== undefined)
    record.scheduledMs = toMicrosecond(context.scheduledAt - trialStart)
  if (context.pauseMs !== undefined) record.pauseMs = toMicrosecond(context.pauseMs)
  if (firstByteAt !== undefined) record.firstByteMs = toMicrosecond(firstByteAt - trialStart)
  if (firstThinkingAt !== undefined)
    record.firstThinkingMs = toMicrosecond(firstThinkingAt - trialStart)
  if (firstContentAt !== undefined)
    record.firstContentMs = toMicrosecond(firstContentAt - trialStart)
  if (longestGap !== undefined) record.longestGapMs = toMicrosecond(longestGap)
  if (tokenGaps !== undefined) record.tokenGaps = logHistogram(tokenGaps)
  addServerFigures(record, generation)
  return Object.assign(record, prompt, evaluation)
}

function addServerFigures(record: Mutable<RequestRecord>, generation: Generation): void {
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
