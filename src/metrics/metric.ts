/**
 * The metrics: what each measured quantity is called, its unit, which way is better, how trials combine
 * into a config's figure, and its one definition. Every report takes its definitions from here.
 */
import type { Localized } from '../format/locale.ts'
import type { Unit } from './unit.ts'

/** Which way a change is an improvement; `neither` where no way is better by itself. */
export type Direction = 'higher' | 'lower' | 'neither'

/**
 * How the trials of a config make its figure.
 * - `geometric`: geometric mean of the trials' figures (positive by nature: rates, speeds, latencies)
 * - `arithmetic`: mean of the trials' figures (parts of latency, so that they add up)
 * - `pooled`: counts of all trials together (shares, counts)
 */
export type Aggregation = 'geometric' | 'arithmetic' | 'pooled'

/** How two figures of the metric are compared: by ratio (`+8.3%`) or by difference in points or units. */
export type ChangeKind = 'ratio' | 'difference'

/** The family a metric belongs to; tables and rules choose metrics by it. */
export type MetricFamily =
  | 'rate'
  | 'load'
  | 'count'
  | 'share'
  | 'latency'
  | 'firstToken'
  | 'stream'
  | 'tokens'
  | 'speed'
  | 'part'
  | 'score'

export interface Metric {
  /** As written in experiment files and locks: `qps`, `latencyP95`, `score.<name>`. */
  readonly id: string
  readonly family: MetricFamily
  readonly unit: Unit
  readonly direction: Direction
  readonly aggregation: Aggregation
  readonly change: ChangeKind
  /** The quantile of a trial's requests that the metric is, where it is one: 0.5, 0.95, 0.99. */
  readonly quantile?: number
  /** Ok requests below which a trial's figure is not shown: 20 for P95, 100 for P99, else 1. */
  readonly minSamples: number
  /** Exists only as a figure taken from a document; `exp` never measures it. */
  readonly recordedOnly?: boolean
  readonly label: Localized
  readonly definition: Localized
}
