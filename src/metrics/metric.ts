/**
 * The traits of a metric: its unit, which direction is better, how the figures of trials combine into the figure of a
 * config, where it applies and how prominently reports show it. Its label and definition are in `metrics.yaml` of each
 * locale.
 */

/**
 * Units of stored and shown figures. Inside the program a share is a number from 0 to 100 (`%`), a duration is in
 * milliseconds and memory in GB of 10⁹ bytes, as Ollama prints it.
 */
export type Unit =
  '1/s' | 'tokens/s' | 'ms' | 'ms/token' | 'tokens' | '%' | 'count' | 'GB' | 'J/token'

/** Whether a higher or a lower figure is better, or neither. */
export type Direction = 'higher' | 'lower' | 'neither'

/**
 * How the figures of trials combine into the figure of a config.
 * - `geometric`: geometric mean (positive by nature: rates, speeds, latencies)
 * - `arithmetic`: mean (parts of latency, so that they add up)
 * - `pooled`: the counts of all trials together (shares, counts)
 */
export type Aggregation = 'geometric' | 'arithmetic' | 'pooled'

/** How two figures of the metric are compared: by ratio (`+8.3%`) or by difference in points or units. */
export type ChangeKind = 'ratio' | 'difference'

/** The family of a metric; tables, audits and rules choose metrics by it. */
export type MetricFamily =
  | 'rate'
  | 'appliedLoad'
  | 'count'
  | 'share'
  | 'capacity'
  | 'latency'
  | 'firstToken'
  | 'stream'
  | 'tokens'
  | 'speed'
  | 'part'
  | 'models'
  | 'memory'
  | 'resource'
  | 'score'

/**
 * Which configs can have the metric. A document may give any metric.
 * - `closed`, `open`: those with such a load
 * - `embed`: those that ask for embeddings
 * - `mix`: those whose workload is a mix
 * - `slo`: all measured ones, if the file states objectives
 * - `levels`: those measured at several levels of a load; the figure is about all levels together
 * - `recorded`: only those with figures from a document, because `exp` never measures the metric
 */
export type Applicability =
  'any' | 'closed' | 'open' | 'embed' | 'mix' | 'slo' | 'levels' | 'recorded'

/**
 * How prominent a metric is, from most to least. Each level has its own place in the report, and also the places of all
 * levels below it in this list.
 * - `primary`: the report states the smallest change of this metric that the run could have detected
 * - `answer`: the answer at the top of the report states its change
 * - `headline`: bold in tables, stored in locks, compared by `exp diff`
 * - `unfolded`: a row that readers see without unfolding anything
 * - `folded`: a row in the folded table, if a config has a figure
 *
 * A metric that the file asks for, in a claim or in `show`, always has a row, and never a folded one.
 */
export const prominences = ['primary', 'answer', 'headline', 'unfolded', 'folded'] as const
export type Prominence = (typeof prominences)[number]

/**
 * A table in the terminal: `try` after `exp run --try`, `compare` after `exp compare`, and `compareModels` after `exp
 * compare` of different models, which also has the scores.
 */
export type TerminalTable = 'try' | 'compare' | 'compareModels'

/** Traits that all metrics have, scores included. */
export interface MetricTraits {
  readonly unit: Unit
  readonly direction: Direction
  readonly aggregation: Aggregation
  readonly change: ChangeKind
  readonly appliesTo: Applicability
  readonly prominence: Prominence
  /** The tables in the terminal that have it. */
  readonly terminalTables: readonly TerminalTable[]
  /** For a quantile of a trial's requests: the share of requests that lie below it, such as 0.5 or 0.95. */
  readonly quantile?: number
  /** True for a maximum over a trial's requests: it grows with their number, so that no claim about it is certain. */
  readonly isMaximum?: boolean
  /** True if it is computed from the tokens of answers, or from durations that a server reports only for answers. */
  readonly needsAnswers?: boolean
  /**
   * Minimum number of ok requests for a figure of a trial. For a high quantile: enough that one request lies above it.
   */
  readonly minSamples: number
  /** Below this number of requests in a trial, a high quantile understates differences between tails. */
  readonly tailSamples?: number
}

/** True if the metric is at least as prominent as `level`. */
export function isAtLeast(
  { prominence }: Pick<MetricTraits, 'prominence'>,
  level: Prominence,
): boolean {
  return prominences.indexOf(prominence) <= prominences.indexOf(level)
}
