/** A trial boiled down: everything that analysis and diagnosis need of it, without its requests. */
import type { Evidence, TrialEnd, TrialHeader, Window } from '../results/record.ts'
import type { Absence } from './figure.ts'

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
  readonly failures: readonly {
    readonly outcome: string
    readonly count: number
    readonly error?: string
  }[]
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
