/** The types of the analysis of a grid: the effects of its factors. */
import type { Factor } from '../../experiment/grid.ts'
import type { Metric } from '../../metrics/catalog.ts'
import type { Figure, Interval, Mark } from '../figure.ts'
import type { Obstacle } from '../obstacle.ts'

export interface GridAnalysis {
  /**
   * The metrics that the file asks about: in claims about factors, in `show`, and in `until`. If there are none, the
   * first rate in the catalogue that the answer at the top of a report states: QPS.
   */
  readonly metrics: readonly Metric[]
  /** For each metric in turn, one effect for each factor, in the file's order. */
  readonly effects: readonly FactorEffect[]
  /** The interactions beyond noise, for each metric. */
  readonly interactions: readonly Interaction[]
  /** The number of interactions that were tested for each metric. */
  readonly tested: number
  /** One ranking for each metric. */
  readonly rankings: readonly CellRanking[]
}

/** `matters`: two levels differ beyond noise. `same`: all differences lie within the band. `unknown`: neither is known. */
export type FactorVerdict = 'matters' | 'same' | 'unknown'

export interface FactorEffect {
  readonly metric: Metric
  readonly factor: Factor
  /** The mean figure of each level over the shared combinations. */
  readonly levels: readonly { readonly level: string; readonly figure?: Figure }[]
  /** Each pair of levels, in their order. */
  readonly contrasts: readonly Contrast[]
  readonly verdict: FactorVerdict
  /** The half width of the band of practically equal figures, in the unit of the change. */
  readonly band: number
  /** The other factors of which the shared combinations have only some levels, with those levels. */
  readonly within: readonly FactorLevels[]
  /** The number of combinations of the other factors over which the effect is averaged. */
  readonly combinations: number
  /** The number of combinations of the other factors that have a cell. */
  readonly combinationsOfGrid: number
  /** The number of rounds behind the intervals; 0 without any. */
  readonly rounds: number
  /**
   * The smallest difference that the run would probably have shown, in the unit of the change. Absent without an
   * interval.
   */
  readonly detectable?: number
}

export interface FactorLevels {
  readonly factor: string
  readonly levels: readonly string[]
}

export interface Contrast {
  readonly from: string
  readonly to: string
  /** Percent, or the difference in the metric's unit. Absent if it cannot be computed. */
  readonly value?: number
  /** Simultaneous for all pairs of levels of the factor, and all metrics asked about. */
  readonly interval?: Interval
  readonly mark: Mark
  readonly obstacle?: Obstacle
}

/** How much the effect of one factor differs between two levels of another one. */
export interface Interaction {
  readonly metric: Metric
  readonly factor: Factor
  /** The effect of changing `factor` from its first level to this one is compared. */
  readonly level: string
  readonly by: Factor
  /** The level of `by` at which the effect is compared with that at the first level of `by`. */
  readonly byLevel: string
  /** The ratio of the two effects, as a change in percent; or their difference in the metric's unit. */
  readonly value: number
  /** Simultaneous for all interactions of the grid, and all metrics asked about. */
  readonly interval: Interval
}

/**
 * `best` has the best figure, `tied` does not clearly differ from it, and `behind` is clearly worse. `unjudged` was not
 * compared, or its metric has no better direction.
 */
export type CellRank = 'best' | 'tied' | 'behind' | 'unjudged'

export interface CellRanking {
  readonly metric: Metric
  /** The rank of each cell, by key. */
  readonly ranks: ReadonlyMap<string, CellRank>
}
