/** The rules of a race, and the results of its trials. */
import type { Counts } from '../../stats/interval.ts'

export interface RaceRules {
  /** In the order of the file; at least one. */
  readonly configs: readonly string[]
  /** A config that is worse than another by at most this counts as equally good. On the scale of the values. */
  readonly band: number
  /** The config that quality is compared with. */
  readonly reference: string
  readonly objectives: readonly ObjectiveRule[]
}

export interface RaceTrial {
  readonly config: string
  readonly round: number
  /** On the scale of the test; more is better. Absent if the trial failed. */
  readonly value?: number
  /** The measure for each objective, in their order; undefined if the trial has none. */
  readonly measures?: readonly (Measure | undefined)[]
}

export type ObjectiveRule =
  /** The trial's measure is its distance from the bound on the scale of the test: above 0 on the right side. */
  | { readonly kind: 'level' }
  /** The trial's measure counts requests; the share of good requests must be at least `least`, 0..1. */
  | { readonly kind: 'share'; readonly least: number }
  /**
   * The trial's measure is the score of each sample, 0..1; the mean score may be lower than that of the reference by at
   * most `band`. A sample counts once, with its mean over trials, and is paired with the same sample of the reference.
   */
  | { readonly kind: 'quality'; readonly band: number }

/** The score of each sample, 0..1. */
export interface SampleScores {
  readonly scores: ReadonlyMap<string, number>
}

/** The measure of a trial for an objective, in the form that the objective's rule needs. */
export type Measure = number | Counts | SampleScores
