/** A trial boiled down: everything that analysis and diagnosis need of it, without its requests. */
import type { Evidence, TrialEnd, TrialHeader, Window } from '../results/record.ts'
import type { Audit } from './audits/audit.ts'
import type { Absence } from './figure.ts'
import type { RequestProfile } from './request-profile.ts'

export interface TrialSummary {
  readonly file: string
  /** Of the stored bytes. */
  readonly digest: string
  readonly header: TrialHeader
  readonly evidence: readonly Evidence[]
  readonly window?: Window
  readonly end?: TrialEnd
  readonly outcome: 'ended' | 'failed' | 'skipped' | 'interrupted'
  /** By metric id. */
  readonly figures: ReadonlyMap<string, TrialFigure>
  /** Per check: sample id to the mean of its scores (0..1) and how often it was asked. */
  readonly scores: ReadonlyMap<string, ReadonlyMap<string, SampleScore>>
  /** Failures of the measured phase by outcome, most frequent first, each with the first error text. */
  readonly failures: readonly Failure[]
  /** What diagnosis and comparability ask of the requests, over ok requests of the measured phase. */
  readonly tallies: Tallies
  /** Empty for a trial that did not end. */
  readonly audits: readonly Audit[]
  /** What single requests show of loads, idle times and prompts. */
  readonly profile: RequestProfile
}

export interface Failure {
  readonly outcome: string
  readonly count: number
  readonly error?: string
}

export interface Tallies {
  readonly ok: number
  /** Requests by what the server says ended them: `stop`, `length`, …; without those of which it says nothing. */
  readonly doneReasons: ReadonlyMap<string, number>
  /** Requests that were seen to think before they answered. */
  readonly thinking: number
  readonly promptTokens: number
  /** Absent where the server does not tell. */
  readonly cachedTokens?: number
  /** The most tokens that any answer had. */
  readonly maxOutputTokens: number
  /** Answers that the server cut off by their length, where all have the same number of tokens; absent without any. */
  readonly cutAt?: { readonly tokens: number; readonly answers: number }
  /** By sample: digest of its prompt, cold prefix left out; empty where the file keeps none. */
  readonly promptDigests: ReadonlyMap<string, string>
  /** Hosts that answered in the server's place. */
  readonly remoteHosts: readonly string[]
}

export interface TrialFigure {
  readonly value?: number
  readonly absence?: Absence
  /** Requests that it rests on. */
  readonly n: number
  readonly counts?: { readonly part: number; readonly whole: number }
}

export interface SampleScore {
  readonly mean: number
  readonly n: number
}
