/** A figure: a number with its metric, what it is based on, its interval and the doubts about it. */
import type { RecordedFigure } from '../experiment/experiment.ts'
import type { Metric } from '../metrics/catalog.ts'
import type { Counts } from '../stats/interval.ts'

/** `runs` and `spread` are those of a document. */
export interface Figure extends Pick<RecordedFigure, 'runs' | 'spread'> {
  readonly metric: Metric
  /** In the metric's unit. Absent if it is not known; `absence` then gives the reason. Never 0 for unknown. */
  readonly value?: number
  readonly absence?: Absence
  /**
   * Number of values that the figure is based on: ok requests for latencies, distinct samples for scores, requests for
   * shares, readings for memory and energy.
   */
  readonly n: number
  /** What `n` counts; `document` for figures that a document gives. */
  readonly basedOn: 'requests' | 'samples' | 'trials' | 'document'
  /** The figures of trials in the order of rounds, without rounds that have none. Empty for recorded figures. */
  readonly byRound: readonly RoundFigure[]
  /** The counts behind a share, if they are whole numbers. */
  readonly counts?: Counts
  /** True if its document calls it approximate. */
  readonly approximate?: boolean
  readonly interval?: Interval
  /**
   * The part that the load generator's own delay adds, as the mean over the trials; absent unless known for all trials.
   */
  readonly timingError?: FigureTimingError
  /** The sources of memory or energy; several if they differ between trials. */
  readonly sources?: readonly string[]
  readonly doubts: readonly Doubt[]
}

/** The part of a figure that the load generator's own delays add, as estimated. */
export interface FigureTimingError {
  /** In the figure's unit. */
  readonly value: number
  /** False if an estimate was not scaled by a calibration of the machine. */
  readonly calibrated: boolean
}

export interface RoundFigure {
  readonly run: string
  readonly round: number
  /** The trial's position in its run, from 1. It shows which of two configs ran first in a round. */
  readonly position: number
  readonly value: number
  readonly n: number
  /** The counts behind a share. */
  readonly counts?: Counts
  /** For a quantile: the values of the trial's requests in ascending order, or evenly spaced ones if there are many. */
  readonly ascendingValues?: Float64Array
}

export interface Interval {
  readonly low: number
  readonly high: number
  /** 0.95, or higher after Bonferroni's correction. */
  readonly confidence: number
}

/** Why a figure is absent. A closed set; its wording is in the templates. */
export type Absence =
  | { readonly code: 'pending' } // not measured yet
  | { readonly code: 'failed'; readonly reason: string } // every trial failed
  | { readonly code: 'too-few'; readonly n: number; readonly minSamples: number } // `n<100`
  | { readonly code: 'none-ok'; readonly windowMs: number } // `0 ok in 30 s`
  | { readonly code: 'short-window'; readonly windowMs: number; readonly latencyMs: number } // too short for a rate
  | { readonly code: 'no-request-objective' } // no objective of the file bounds a single request
  | { readonly code: 'one-token' } // answers of one token have no time per further token
  | { readonly code: 'embeddings' } // embeddings have no answer, and the server times no part of them
  | { readonly code: 'cache-unknown' } // without knowing the cache hits, the prefill speed is unknown
  | { readonly code: 'not-recorded' } // the document does not give it
  | { readonly code: 'not-applicable' } // this load or dataset has no such metric
  | { readonly code: 'no-evidence' } // the server gave no evidence
  | { readonly code: 'not-sampled'; readonly reason: string } // the record says why this machine could not sample it
  | { readonly code: 'few-samples' } // the window is too short for samples taken each second
  | { readonly code: 'above-size' } // the server reports more GPU memory than the model takes in all
  | { readonly code: 'gpu-power-unknown' } // a GPU was used, and no source reports its power
  | { readonly code: 'audit'; readonly audit: string } // a failed audit shows that the figure is wrong

/** Why a figure may be wrong. A closed set; its wording is in the templates. */
export const doubtCodes = [
  'audit', // an audit has a finding; details: its id, outcome and numbers, and the counts of trials
  'auditUnclear', // an audit cannot rule out a relevant finding; same details
  'okRates', // success rates may differ from that of the compared config; details: both rates, and how far they may differ
  'okRatesUncounted', // success rates differ, and a document gives no counts for a test; details: both rates
  'sampleTimeBelowLatency', // a document's time for one sample is shorter than its mean latency
  'fewForTail', // a high quantile from few requests; details: the number of requests that would suffice
  'severalTokens', // several tokens arrive together, so that their times are not the server's; details: their mean number
  'timingError', // the load generator's own delay is a large share of it; details: that share
  'missingRounds', // some trials ended without this figure, which is based on the others
] as const

/** A doubt about a figure: printed as a footnote. */
export interface Doubt {
  readonly code: (typeof doubtCodes)[number]
  readonly details: Readonly<Record<string, string | number>>
}

/** Reports show them as ⬆️ ⬇️ ≈ ❔, in this order. `same` means: the same for practical purposes. */
export type Mark = 'better' | 'worse' | 'same' | 'unknown'
