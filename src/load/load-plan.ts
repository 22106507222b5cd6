/** The input, the progress and the result of `runLoad`. */
import type { Load } from '../experiment/load.ts'
import type { Generation } from '../ollama/generation.ts'
import type { PreparedRequest } from '../ollama/generation.ts'
import type { RequestRecord, TrialEnd, Window } from '../results/record.ts'
import type { AnswerEvaluation, Phase, StoredPrompt } from './request-record.ts'

export interface LoadPlan {
  readonly load: Load
  readonly warmupRequests: number
  /** The ids under which requests for the dataset's samples are stored; at least one. */
  readonly samples: readonly string[]
  /** Absent if each sample is one request. */
  readonly conversations?: SampleGroups
  /** The kinds of requests, if the load mixes several. Each kind has its own samples. */
  readonly mix?: Mix
  /** The time limit of each request. */
  readonly timeoutMs: number
  /** P99 of the event loop's delay on this machine without load, in ms. */
  readonly idleLoopDelayP99Ms: number
}

/**
 * Indexes of samples, in groups. A user sends the samples of a group one after another: the turns of a conversation, or
 * a single sample.
 */
export type SampleGroups = readonly (readonly number[])[]

/** The kinds of requests that a load mixes, in proportion to their weights. */
export interface Mix {
  readonly kinds: readonly {
    /** Stored with each request. */
    readonly item: string
    /** The share of this kind, as a whole number from 1; see `balancedBlock`. */
    readonly weight: number
    /** The ids under which its samples are stored; at least one. */
    readonly samples: readonly string[]
    readonly conversations?: SampleGroups
  }[]
  /** Seeded, in [0, 1). Decides the order within blocks. */
  readonly random: () => number
}

/** Which sample to send next. */
export interface WalkStep {
  /** The index of the sample's kind in the mix. Absent without a mix. */
  readonly kind?: number
  readonly sampleIndex: number
  /** How many earlier requests of the same phase and kind had this sample. */
  readonly occurrence: number
  /** The samples of the later turns, if the sample is the first turn of a conversation. */
  readonly laterTurns?: readonly number[]
}

/** A turn of a conversation that was answered. */
export interface AnsweredTurn {
  readonly sampleIndex: number
  readonly answer: string
}

/** The place of a request in its conversation. */
export interface TurnOfConversation {
  /**
   * Number of the conversation. The trial's conversations are numbered from 0, in the order of their first requests.
   */
  readonly conversation: number
  /** Number of the turn, from 1. */
  readonly number: number
  /** The turns before this one. The request carries them. */
  readonly earlier: readonly AnsweredTurn[]
}

/** A request for one dataset sample. */
export interface SampleRequest extends WalkStep {
  readonly phase: Phase
  /** Absent if the sample is not a turn of a conversation. */
  readonly turn?: TurnOfConversation
}

/** A request that is ready to be sent, and the part of its prompt that may be stored. */
export type PreparedSample = StoredPrompt & { readonly request: PreparedRequest }

export interface LoadDependencies {
  /** Sends a request. Must not reject. */
  readonly generate: (
    request: PreparedRequest,
    options: { readonly timeoutMs: number; readonly signal: AbortSignal },
  ) => Promise<Generation>
  /** Builds a request. Called just before it is sent, so that in a closed loop its latency does not include this. */
  readonly prepare: (request: SampleRequest) => PreparedSample
  /** Scores an answer. Called for `ok` requests only. */
  readonly evaluate: (step: WalkStep, generation: Generation) => AnswerEvaluation
  readonly write: (record: RequestRecord) => void
  /** A monotonic clock in milliseconds; must be the clock that the client uses. */
  readonly now: () => number
  /** The start of the trial on this clock. All stored times are relative to it. */
  readonly trialStart: number
  /** Seeded, in [0, 1). Decides the order of samples and the arrivals of an open loop. */
  readonly random: () => number
  /** Seeded, in [0, 1): a stream for each user, from 0. Decides the lengths of the user's pauses. */
  readonly pauseRandom: (user: number) => () => number
  /** Interrupts the trial: running requests are cancelled, and recorded as cancelled. */
  readonly signal: AbortSignal
  /** Called when the warm-up has ended. Returns a function to call when the load has ended. */
  readonly onWarmupEnd?: () => () => void
  /** Called about four times a second. */
  readonly onProgress?: (live: LiveFigures) => void
}

/** Figures to show while a trial runs. Reports compute theirs from the stored records. */
export interface LiveFigures {
  readonly phase: Phase
  /** Time since the phase began. */
  readonly elapsedMs: number
  readonly sent: number
  readonly ended: number
  readonly ok: number
  /** `ok` requests per second so far. Absent before the first one. */
  readonly qps?: number
  readonly p95Ms?: number
  readonly tokensPerSecond?: number
}

export interface LoadResult {
  /**
   * - `ended`: as planned
   * - `failed`: stopped because no request succeeded
   * - `interrupted`: stopped by the signal
   */
  readonly outcome: 'ended' | 'failed' | 'interrupted'
  /** Why it failed. */
  readonly reason?: string
  /** Absent if no measured request was sent. */
  readonly window?: Window
  /** The numbers of requests of the measured phase. */
  readonly counts: TrialEnd['counts']
  /** Health of this process in the measured phase; absent if the phase was not reached. */
  readonly client?: NonNullable<TrialEnd['client']>
}
