/** The summary of a trial: everything that analysis and diagnosis need, without the requests. */
import type { Evidence, TrialEnd, TrialHeader } from '../results/record.ts'
import type { Counts } from '../stats/interval.ts'
import type { Trend } from '../stats/trend.ts'
import type { Audit } from './audits/audit.ts'
import type { Absence, FigureTimingError } from './figure.ts'
import type { RequestProfile } from './request-profile.ts'
import type { TrialWindow } from './trial-window.ts'

export interface TrialSummary {
  readonly file: string
  /** Digest of the stored bytes. */
  readonly digest: string
  readonly header: TrialHeader
  /** Without the samples taken each second, which only figures need. */
  readonly evidence: readonly Evidence[]
  /** Evidence about the other models of a mix. Absent without any. */
  readonly otherModels?: readonly Evidence[]
  /** Absent if the trial has no figures. */
  readonly window?: TrialWindow
  readonly end?: TrialEnd
  readonly outcome: 'ended' | 'failed' | 'skipped' | 'interrupted'
  /** By metric id. */
  readonly figures: ReadonlyMap<string, TrialFigure>
  /** Figures of each item of a mix, by its name and by metric id. Absent without a mix. */
  readonly items?: ReadonlyMap<string, ReadonlyMap<string, TrialFigure>>
  /** By the number of the turn, ascending. Absent without conversations. */
  readonly turns?: ReadonlyMap<number, TrialTurn>
  /** By check, then by sample id. */
  readonly scores: ReadonlyMap<string, ReadonlyMap<string, SampleScore>>
  /** Failures of the measured phase, most frequent first. */
  readonly failures: readonly Failure[]
  /** Requests of the measured phase that the server refused because its queue was full. Absent if none was. */
  readonly refusals?: Refusals
  /** Counts over ok requests of the measured phase. */
  readonly tallies: Tallies
  /** Empty for a trial that did not end. */
  readonly audits: readonly Audit[]
  readonly profile: RequestProfile
  /** Absent with too few requests whose time per output token is known. */
  readonly tokenTime?: TokenTime
}

/** Failed requests of one outcome and, if it is an error status, of one status. */
export interface Failure {
  readonly outcome: string
  /** Only for `http-error`. */
  readonly httpStatus?: number
  readonly count: number
  /** The text of the first failure. */
  readonly error?: string
  readonly hasOtherErrors?: true
}

export interface Refusals {
  readonly count: number
  /** The server's answer to the first refused request. */
  readonly error: string
  readonly httpStatus?: number
}

export interface Tallies {
  readonly ok: number
  /** Number of requests by the reason that the server gives for their end: `stop`, `length`, …. */
  readonly doneReasons: ReadonlyMap<string, number>
  /** By sample: how many of its answers the server cut at a limit, of all answers that have a reason for their end. */
  readonly cutBySample: ReadonlyMap<string, Counts>
  /** Number of requests whose answers start with thinking. */
  readonly thinking: number
  readonly promptTokens: number
  /** Absent if the server does not report it. */
  readonly cachedTokens?: number
  /** The number of tokens of the longest answer. */
  readonly maxOutputTokens: number
  /** The answers that the server cut at a limit, if all have the same number of tokens. Absent if none was cut. */
  readonly cutLength?: { readonly tokens: number; readonly answers: number }
  /** By sample: digest of its prompt without the prefix of cold caches. Empty if the file keeps no digests. */
  readonly promptDigests: ReadonlyMap<string, string>
  /** Remote hosts that answered in place of the server. */
  readonly remoteHosts: readonly string[]
}

export interface TrialFigure {
  readonly value?: number
  readonly absence?: Absence
  /** Number of requests, or of readings, it is based on. */
  readonly n: number
  readonly counts?: Counts
  /** The part of the value that the load generator's own delay adds; absent if the record has no estimate. */
  readonly timingError?: FigureTimingError
  /** The source of memory or energy. */
  readonly source?: string
  /** For a quantile: the values of the requests in ascending order, thinned if there are many. */
  readonly ascendingValues?: Float64Array
  /** For inter-token latency: the mean number of tokens that arrive together. */
  readonly tokensPerArrival?: number
}

/** The time that a server takes for one output token, and how it changes over a trial. */
export interface TokenTime {
  /** Mean of the logs of milliseconds per output token. */
  readonly logMs: number
  /** The trend of the log of milliseconds per output token over the trial. */
  readonly trend: Trend
}

export interface SampleScore {
  /** Mean over the sample's requests, 0..1. */
  readonly mean: number
  readonly n: number
}

/** Prompt tokens of ok requests, and how many of them the server found in its cache. */
export interface CachedPrompts {
  readonly promptTokens: number
  readonly cachedTokens: number
  readonly requests: number
}

/** The figures of all requests of one trial with the same turn number. */
export interface TrialTurn {
  readonly figures: ReadonlyMap<string, TrialFigure>
  /** Absent if the server does not report hits of its cache. */
  readonly cached?: CachedPrompts
}
