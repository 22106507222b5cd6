/** A figure: a number that knows what it is, what it rests on and what speaks against it. */
import type { Metric } from '../metrics/metric.ts'

export interface Figure {
  readonly metric: Metric
  /** In the metric's unit; absent where it cannot be known, and then `absence` says why. Never 0 for unknown. */
  readonly value?: number
  readonly absence?: Absence
  /** What it rests on: ok requests for latencies, distinct samples for scores, requests for shares. 0 where nothing. */
  readonly n: number
  /** What `n` counts. */
  readonly of: 'requests' | 'samples' | 'trials' | 'document'
  /** The trials' own figures, by round, in the order of rounds; a round without one is absent. Empty for recorded figures. */
  readonly byRound: readonly RoundFigure[]
  /** For shares, the counts behind them, where they are whole numbers. */
  readonly counts?: { readonly part: number; readonly whole: number }
  /** Given as an approximation by the document it comes from. */
  readonly approximate?: boolean
  readonly interval?: Interval
  readonly doubts: readonly Doubt[]
}

export interface RoundFigure {
  readonly run: string
  readonly round: number
  readonly value: number
  readonly n: number
}

export interface Interval {
  readonly low: number
  readonly high: number
  /** 0.95, or what Bonferroni's correction made of it. */
  readonly confidence: number
}

/** Why a figure is not there; a closed set, its wording in the templates. */
export type Absence =
  | { readonly code: 'pending' } // not measured yet
  | { readonly code: 'failed'; readonly reason: string } // every trial failed
  | { readonly code: 'too-few'; readonly n: number; readonly least: number } // `n<100`
  | { readonly code: 'none-ok'; readonly windowMs: number } // `0 ok in 30 s`
  | { readonly code: 'one-token' } // tpot of one-token answers
  | { readonly code: 'cache-unknown' } // prefill speed where cache hits cannot be told apart
  | { readonly code: 'not-recorded' } // the document does not give it
  | { readonly code: 'not-applicable' } // this load or dataset has no such metric
  | { readonly code: 'no-evidence' } // the server did not say
  | { readonly code: 'audit'; readonly audit: string } // an audit voids it

/** Why a figure may not be what it seems; a closed set, wording in the templates. */
export const doubtCodes = [
  'audit', // an audit found something: its id, `warn` or `fail`, in how many of how many trials, and its numbers
  'sampleTimeBelowLatency', // a document's time for one sample is shorter than its mean latency
  'missingRounds', // trials that ended without this figure: it rests on the others
] as const

/** A doubt about a figure: printed as a footnote. */
export interface Doubt {
  readonly code: (typeof doubtCodes)[number]
  readonly details: Readonly<Record<string, string | number>>
}
