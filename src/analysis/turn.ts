/** The figures of the turns of conversations of a config. */
import type { Figure } from './figure.ts'
import type { CachedPrompts } from './trial-summary.ts'

/** The figures of all requests of a config with the same turn number. */
export interface TurnAnalysis {
  /** From 1. */
  readonly number: number
  /** By metric id; those of `turnMetrics`. */
  readonly figures: ReadonlyMap<string, Figure>
  /** Summed over the trials that know it. Absent without any. */
  readonly cached?: CachedPrompts
}
