/**
 * The types of the room. They share one file, because they refer to each other. The room turns stored records into
 * figures, audits, comparisons and verdicts. Input: an `Experiment` and the summaries of the trials that its report
 * uses. Output: an `Analysis`, from which reports, locks and terminal output are made. Pure.
 */
import type { Config, Hypothesis } from '../experiment/experiment.ts'
import type { LatencyPartId, Metric } from '../metrics/catalog.ts'
import type { FactId } from '../results/facts.ts'
import type { Capacity } from './capacity.ts'
import type { ConfigAudit } from './audits/audit.ts'
import type { Absence, Figure, Interval, Mark } from './figure.ts'
import type { GridAnalysis } from './grid/grid-effects.ts'
import type { Obstacle, UndeclaredDifference } from './obstacle.ts'
import type { OutlierRound } from './outlier-rounds.ts'
import type { Outlook } from './outlook.ts'
import type { TuningAnalysis } from './race/tuning.ts'
import type { Fact } from './trial-facts.ts'
import type { TrialSummary } from './trial-summary.ts'
import type { TurnAnalysis } from './turn.ts'

export interface Analysis {
  /** In the file's order. */
  readonly configs: readonly ConfigAnalysis[]
  /** One for each config that has a base (`from`), in the file's order. */
  readonly comparisons: readonly Comparison[]
  /** The ratios to the baseline; that of the baseline itself comes first. Empty without a baseline. */
  readonly ratios: readonly Ratio[]
  readonly rankedBy: Metric // the metric of the ratios
  readonly hypotheses: readonly HypothesisResult[]
  readonly capacities?: readonly Capacity[] // of each config with levels; absent without objectives, and for stand-ins
  /** The number of comparisons for which the conclusion corrects its marks and intervals, by Bonferroni. */
  readonly comparisonsInConclusion: number
  /** True if the embedded engine was measured in place of the targets that the file names. */
  readonly standIn: boolean
  readonly breakdown: Breakdown
  /** At most one per config, in the file's order. All figures include these rounds. */
  readonly outliers: readonly OutlierRound[]
  /** The effects of the factors of `vary`. Absent without `vary`. */
  readonly grid?: GridAnalysis
  readonly tuning?: TuningAnalysis // results of a race between settings; absent without `tune`, for stand-ins and before the race
  /** The noise floor that an A/A run measured. If absent, `defaultFloor` applies to every metric. */
  readonly floor?: NoiseFloor
  /** Earliest start and latest end of the trials in use, ISO 8601 with offset. Absent without trials. */
  readonly period?: { readonly from: string; readonly to: string }
}

/**
 * - `measured`: every round that the file asks for has ended
 * - `incomplete`: some rounds have ended; the others failed, were interrupted or are missing
 * - `failed`: no round has ended, and at least one failed
 * - `pending`: nothing is measured yet
 * - `recorded`: the figures come from a document
 */
export type ConfigState = 'measured' | 'incomplete' | 'failed' | 'pending' | 'recorded'

export interface ConfigAnalysis {
  readonly config: Config
  readonly state: ConfigState
  /** Id of the run that the results come from. */
  readonly run?: string
  /** The trials of that run by round, interrupted and failed ones included. */
  readonly trials: readonly TrialSummary[]
  readonly rounds: {
    readonly planned: number
    readonly ended: number
    readonly failed: number
    readonly skipped: number
    readonly interrupted: number
    /** True if `--rounds` replaced the file's number. */
    readonly overridden?: true
  }
  /** By metric id: every metric that applies to the experiment, with a value or the reason for its absence. */
  readonly figures: ReadonlyMap<string, Figure>
  /** By run id: figures of earlier runs of this definition on this machine. Only if configs come from several runs. */
  readonly earlierRuns?: ReadonlyMap<string, ReadonlyMap<string, Figure>>
  /** Facts about the servers of the trials, from evidence; for recorded figures, what the document states. */
  readonly facts: ReadonlyMap<FactId, Fact>
  /** Facts about the other models of a mix, by the model's name. Absent without any. */
  readonly otherModels?: ReadonlyMap<string, ReadonlyMap<FactId, Fact>>
  /** The figures of the items of a mix, in its order. Absent without a mix, and for a config that was not measured. */
  readonly items?: readonly ItemAnalysis[]
  readonly turns?: readonly TurnAnalysis[] // of conversations, in their order; absent without any
  readonly audits: readonly ConfigAudit[]
  /** For the mean of several cells of a grid: these cells. */
  readonly cells?: readonly ConfigAnalysis[]
}

export interface ItemAnalysis {
  readonly name: string
  /** The name of its model. */
  readonly model: string
  /** By metric id: the metrics of `itemMetrics` that a trial has. */
  readonly figures: ReadonlyMap<string, Figure>
}

export interface Change {
  readonly metric: Metric
  readonly from: Figure
  readonly to: Figure
  /**
   * Percent for metrics compared by ratio (8.3 is +8.3 %), else the difference in the metric's unit (points for
   * shares). Absent if either figure is absent.
   */
  readonly value?: number
  /** In the unit of `value`. */
  readonly interval?: Interval
  readonly mark: Mark
  /** True for a clear change that is neither better nor worse, because the metric has no better direction here. */
  readonly differs?: true
  /** The mark in the conclusion, at the confidence of `conclusionConfidence`. Absent if the change has no interval. */
  readonly markInConclusion?: Mark
  readonly differsInConclusion?: true // `differs`, at the confidence of the conclusion
  /** Number of rounds (for scores: samples) that both sides have; 0 if the sides cannot be paired. */
  readonly pairs: number
  /** True if the interval compares two independent sides: different runs, or figures of a document. */
  readonly unpaired?: true
  /** True if a side has rounds or samples that the other lacks: the change uses only the `pairs` of both. */
  readonly partial?: true
  /** The smallest change that 80 % of such runs would show, in the unit of `value`. Absent without an interval. */
  readonly detectable?: number
  /** True if the mark would differ without the load generator's own timing error. */
  readonly hiddenByTimingError?: true
  /** Why the change is not judged, whatever its value. The mark is then `unknown`. */
  readonly obstacle?: Obstacle
}

export interface Comparison {
  /** Key of the config compared with. */
  readonly base: string
  readonly config: string
  /** True if both sides were measured in the same run. */
  readonly paired: boolean
  readonly sameHost: boolean
  /** The run-to-run variation of mean latency, else of the first tested metric, in %. Absent for paired sides. */
  readonly betweenRuns?: {
    readonly percent: number
    /** The number of stored runs of one definition. */
    readonly runs: number
    /** True if it is estimated from those runs; false if they are too few and it is assumed. */
    readonly estimated: boolean
  }
  /** Differences that the file does not declare, accepted or not. */
  readonly undeclared: readonly UndeclaredDifference[]
  /** By metric id. */
  readonly changes: ReadonlyMap<string, Change>
}

/** Where the time goes: mean latency split into its parts, for configs and for differences between them. */
export interface Breakdown {
  /** The configs that have all parts of their latency, in the file's order. */
  readonly configs: readonly TimeSplit[]
  /** The difference of each of these configs from its `from`, and from the baseline. */
  readonly differences: readonly TimeDifference[]
}

export type Parts = Readonly<Record<LatencyPartId, number>>

export interface TimeSplit {
  readonly config: string
  /** Milliseconds: arithmetic means over rounds, so that they add up to `total`. */
  readonly parts: Parts
  /** Mean latency in ms. */
  readonly total: number
}

/** `config` minus `base`, in ms, over the rounds that both have: where the time is spent, not what a fix would save. */
export interface TimeDifference {
  readonly base: string
  readonly config: string
  readonly parts: Parts
  readonly total: number
  /** `config`'s mean latency divided by `base`'s. */
  readonly ratio: number
  /** Each part in percent of `total`; their sum is 100. Absent if `total` is at most 0.1 % of the base's latency. */
  readonly shares?: Parts
  /** Why the latencies or their parts are not compared. */
  readonly obstacle?: Obstacle
  /** The decode part, split into the effects of longer answers and of slower tokens. Absent without token counts. */
  readonly decode?: { readonly moreTokens: number; readonly slowerTokens: number }
}

/** The noise that an A/A run measured, by comparing a config with itself. */
export interface NoiseFloor {
  readonly run: string
  /** Key of the config that was compared with itself. */
  readonly config: string
  /**
   * By metric id: the floors above `defaultFloor`, in the unit of the metric's changes. Each is the distance from 0 to
   * the nearer end of a 95 % interval that excludes 0.
   */
  readonly byMetric: ReadonlyMap<string, number>
}

/**
 * The status column of the ratio table. The report states the thresholds.
 *
 * - `unreliable`: requests failed
 * - `unjudged`: the two sides cannot be compared, or are different metrics
 * - `reference`: the baseline, if nothing is compared with it
 */
export type Status =
  | 'best'
  | 'tied'
  | 'good'
  | 'poor'
  | 'bad'
  | 'unreliable'
  | 'unjudged'
  | 'reference'
  | 'pending'
  | 'failed'

export interface Ratio extends Pick<Change, 'unpaired'> {
  readonly config: string
  /** Instead of mean latency, the time for one sample if a document gives only this time. */
  readonly figure: Figure
  /**
   * The figure divided by the baseline's, over the rounds that both have; 1 for the baseline itself. Absent if either
   * figure has no value, or if there is an obstacle.
   */
  readonly value?: number
  readonly interval?: Interval
  /** The interval in the conclusion, at the confidence of `conclusionConfidence`. */
  readonly intervalInConclusion?: Interval
  readonly sharedRounds?: number // that both configs have; absent if both have the same rounds
  readonly status: Status
  /** Why the two sides are not compared. */
  readonly obstacle?: Obstacle
  readonly mixesMetrics: boolean // time for one sample over mean latency
}

export interface HypothesisResult {
  readonly hypothesis: Hypothesis
  readonly change?: Change
  readonly figure: Figure
  readonly base?: Figure
  /** In the unit of the claim's threshold: percent change, percent ratio, points, or the metric's unit. */
  readonly measured?: number
  /** At the confidence of `claimConfidence`. */
  readonly interval?: Interval
  readonly verdict: Verdict
}

/**
 * Reports show them as ✅ ❌ ⚖️ 🔎 🔎 🔄 ⛔, in this order. `indicated-…` are the stored codes of the verdicts that
 * reports and documents call "leans for" and "leans against".
 */
export const verdictCodes = [
  'supported',
  'refuted',
  'inconclusive',
  'indicated-for',
  'indicated-against',
  'pending',
  'none',
] as const
export type VerdictCode = (typeof verdictCodes)[number]

/** Why there is no verdict. A closed set; its wording is in the templates. */
export type NoVerdict =
  | { readonly code: 'stand-in' }
  | { readonly code: 'failed'; readonly config: string }
  | Obstacle
  /** A figure that the claim needs is absent. */
  | { readonly code: 'no-figure'; readonly config: string; readonly absence: Absence }

/**
 * Why a verdict only leans for or against (`indicated-…`), although its interval is clear. A closed set; its wording is
 * in the templates.
 */
export type Weakness =
  /** The sides come from different runs, whose variation is only estimated or assumed; or one is from a document. */
  | { readonly code: 'between-runs' | 'document' }
  /** Rounds were added after somebody may have seen results, and the file had not planned that many looks. */
  | { readonly code: 'looks'; readonly looks: number }
  /** A trial has fewer requests than `requests`, so that the interval may miss rare slow requests. */
  | { readonly code: 'few-requests'; readonly requests: number }
  /** The figure is a maximum, which rests on one request and grows with their number. */
  | { readonly code: 'maximum' }

export interface Verdict {
  readonly code: VerdictCode
  readonly reason?: NoVerdict // present if the code is `none`
  /** Pairs of rounds, rounds of one config, or distinct samples. */
  readonly n: number
  readonly counted: 'rounds' | 'samples' // what `n` counts
  /** True if the sides come from different runs, or one from a document. False for scores, which pair samples. */
  readonly unpaired: boolean
  readonly weaknesses: readonly Weakness[]
  /** True if the trials ran on different machines, so that effects of machine and config cannot be separated. */
  readonly onDifferentHosts: boolean
  /** True if a side comes from a document, so that nothing shows whether the setups agree in everything else. */
  readonly uncheckable: boolean
  /** Undeclared differences that the file accepts. */
  readonly accepted: readonly UndeclaredDifference[]
  /** Present if the measured value has an interval. */
  readonly outlook?: Outlook
  /** The outlier rounds without which an inconclusive claim would be decided. */
  readonly decidedWithout?: readonly OutlierRound[]
}
