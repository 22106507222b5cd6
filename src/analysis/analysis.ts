/**
 * What the stored records say: the figures of each config, what changed between configs, ratios to the
 * baseline. Enters: an `Experiment` and the summaries of the trials it uses. Leaves: an `Analysis`, which is
 * all that reports, terminal answers and locks are made of. Pure.
 */
import type { Config, Hypothesis } from '../experiment/experiment.ts'
import type { Metric } from '../metrics/metric.ts'
import type { FactId, FactValue } from '../results/facts.ts'
import type { ConfigAudit } from './audits/config-audits.ts'
import type { Breakdown } from './breakdown.ts'
import type { UndeclaredDifference } from './comparability.ts'
import type { Figure, Interval } from './figure.ts'
import type { NoiseFloor } from './noise-floor.ts'
import type { TrialSummary } from './trial-summary.ts'
import type { Verdict } from './verdict.ts'

export interface Analysis {
  /** In the file's order. */
  readonly configs: readonly ConfigAnalysis[]
  /** One for each config that has a base (`from`), in the file's order. */
  readonly comparisons: readonly Comparison[]
  /** Against the baseline; best first, then those without a figure. Empty without a baseline. */
  readonly ratios: readonly Ratio[]
  readonly hypotheses: readonly HypothesisResult[]
  /** The results are of the embedded engine in the place of what the file asks for. */
  readonly standIn: boolean
  /** Where the time goes, for each config that has all parts of its latency, and for each pair of such configs. */
  readonly breakdown: Breakdown
  /** As an A/A run measured it; absent, the floor is 2 %. */
  readonly floor?: NoiseFloor
  /** Earliest start and latest end of the trials in use, ISO 8601 with offset; absent without trials. */
  readonly period?: { readonly from: string; readonly to: string }
}

/**
 * - `measured`: every round that the file asks for ended
 * - `incomplete`: some did; others failed, were interrupted or are missing
 * - `failed`: none ended, and at least one failed
 * - `pending`: nothing measured yet
 * - `recorded`: figures out of a document
 */
export type ConfigState = 'measured' | 'incomplete' | 'failed' | 'pending' | 'recorded'

export interface ConfigAnalysis {
  readonly config: Config
  readonly state: ConfigState
  /** Id of the run that its results come from. */
  readonly run?: string
  /** Of that run, by round; interrupted and failed ones included. */
  readonly trials: readonly TrialSummary[]
  readonly rounds: {
    readonly planned: number
    readonly ended: number
    readonly failed: number
    readonly skipped: number
    readonly interrupted: number
  }
  /** By metric id; every metric that applies to this experiment is there, with a value or a reason. */
  readonly figures: ReadonlyMap<string, Figure>
  /** What the servers of its trials really ran with. */
  readonly facts: ReadonlyMap<FactId, Fact>
  readonly audits: readonly ConfigAudit[]
}

/** A fact over the trials of a config: one value if all agree, else the values that were seen. */
export interface Fact {
  readonly values: readonly FactValue[]
  readonly source: string
}

/** ⬆️ better, ⬇️ worse, ≈ the same for practical purposes, ❔ cannot be told. */
export type Mark = 'better' | 'worse' | 'same' | 'unknown'

export interface Change {
  readonly metric: Metric
  readonly from: Figure
  readonly to: Figure
  /** Percent for ratios (8.3 is +8.3 %), else the difference in the metric's unit (points for shares). Absent where either figure is. */
  readonly value?: number
  /** In the same unit as `value`. */
  readonly interval?: Interval
  readonly mark: Mark
  /** Rounds, for scores samples, that both sides have; 0 where nothing can be paired. */
  readonly pairs: number
  /** The smallest change that 80 % of runs like this would have shown, in the unit of `value`; only with an interval. */
  readonly detectable?: number
}

export interface Comparison {
  /** Key of the base and of the config compared with it. */
  readonly base: string
  readonly config: string
  /** Both sides from the same run. */
  readonly paired: boolean
  readonly sameHost: boolean
  /** What differs without being declared by the file, accepted or not. */
  readonly undeclared: readonly UndeclaredDifference[]
  readonly changes: ReadonlyMap<string, Change>
}

/** Status words of the ratio table; the report states the thresholds. */
export type Status = 'best' | 'good' | 'poor' | 'bad' | 'pending' | 'failed'

export interface Ratio {
  readonly config: string
  /** The figure that the ratio is of: mean latency, or the time for one sample where a document gives only that. */
  readonly figure: Figure
  /** Times the baseline, of latency; absent without figures, or where it is the baseline itself (then 1). */
  readonly value?: number
  readonly interval?: Interval
  readonly status: Status
  /** The two sides are different metrics (time for one sample over a mean latency): marked as that mixture. */
  readonly mixture: boolean
}

export interface HypothesisResult {
  readonly hypothesis: Hypothesis
  readonly change?: Change
  readonly figure: Figure
  readonly base?: Figure
  /** In the unit of the claim's threshold: percent change, percent ratio, points, or the metric's unit. */
  readonly measured?: number
  /** At the confidence that all claims of the experiment share out among them. */
  readonly interval?: Interval
  readonly verdict: Verdict
}
