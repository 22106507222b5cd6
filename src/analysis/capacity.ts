/** The types of the capacity of a config with levels of a load. `analyse-capacity.ts` computes them. */
import type { LoadLevel, LoadSeries } from '../experiment/levels/load-series.ts'
import type { Objective } from '../experiment/threshold.ts'
import type { LatencyPartId } from '../metrics/catalog.ts'
import type { Figure, Interval } from './figure.ts'

export interface Capacity {
  readonly series: LoadSeries
  /** In ascending order. */
  readonly levels: readonly MeasuredLevel[]
  /**
   * The highest level up to which all levels are proven to meet the objectives. Absent if even the lowest level is not.
   */
  readonly atLeast?: number
  /**
   * The highest level that is not proven to miss an objective. 0 if all levels are proven to miss one; absent if the
   * highest measured level is not.
   */
  readonly atMost?: number
  /**
   * The highest level up to which the figures of all levels meet the objectives; 0 for none. Absent if a figure is
   * unknown.
   */
  readonly estimate?: number
  readonly curve: LoadCurve
}

export type LevelOutcome = 'met' | 'missed' | 'unclear'

export interface MeasuredLevel extends LoadLevel {
  readonly outcome: LevelOutcome
  readonly judged: readonly JudgedObjective[]
}

export interface JudgedObjective {
  readonly objective: Objective
  /** Absent if the level has no such figure. */
  readonly figure?: Figure
  readonly interval?: Interval
  readonly outcome: LevelOutcome
  /**
   * Why the interval decides nothing, wherever it lies: a failed audit, or too few requests for a reliable interval.
   */
  readonly obstacle?: { readonly audit: string } | 'few-requests'
}

/** What the levels show beside the capacity. Each field is absent if it is not proven. */
export interface LoadCurve {
  /** The level up to which throughput grows; from there to the next level it does not. */
  readonly kneeAt?: number
  /**
   * The first level at which a noticeable share of the latency is in none of the durations that the server reports,
   * although there is a slot for each user.
   */
  readonly unlistedFrom?: WaitingLevel
  /** The first level at which requests wait for a noticeable share of their time, and may wait for a slot. */
  readonly waitsFrom?: WaitingLevel
  readonly rise?: LatencyRise
}

export interface WaitingLevel {
  readonly level: number
  /** The server's slots. Absent if they are not known, or if levels are rates instead of users. */
  readonly slots?: number
}

/** How mean latency rises from the lowest to the highest level. */
export interface LatencyRise {
  readonly from: number
  readonly to: number
  readonly ms: number
  /** The part of the latency that rises most, and its share of the rise in percent; above 100 if other parts shrink. */
  readonly part: LatencyPartId
  readonly share: number
}
