/**
 * The data of charts: numbers and finished texts, in one locale. Plain JSON, so that a digest of it shows whether a
 * chart must be drawn again.
 */

interface ChartBase {
  /** What the chart shows, as a sentence. */
  readonly title: string
  /** The figures in words, for readers who do not see the picture. */
  readonly alt: string
  /** What the reader must know to read the picture, such as that it is a demo. */
  readonly notes: readonly string[]
}

/** A value with the ends of its interval. */
export interface ChartInterval {
  readonly low: number
  readonly high: number
}

/** Where the time goes: a bar for each config, stacked from the parts of its mean latency. */
export interface TimeChart extends ChartBase {
  readonly kind: 'time'
  /** The label of the axis, with its unit. */
  readonly axis: string
  /** Names of the parts, in the order of time; empty if no bar has parts. */
  readonly parts: readonly string[]
  readonly bars: readonly TimeBar[]
  /** The label of bars without parts, in the legend. */
  readonly partsUnknown: string
  /** The heading of the enlarged bars, if the longest bar is so long that the others cannot be read. */
  readonly enlarged: string
}

export interface TimeBar {
  readonly label: string
  /** In ms, one for each name of a part. Absent if only the total is known. */
  readonly parts?: readonly number[]
  /** The text shown when a reader points at a part: its name and value. Only with `parts`. */
  readonly partTexts?: readonly string[]
  /** In ms. Absent if it is not known; `text` then says why. */
  readonly total?: number
  /** The total with its unit and the ratio to the baseline; or the reason for its absence. */
  readonly text: string
}

/** Hypotheses: the interval of each against its target and the noise floor. */
export interface ClaimsChart extends ChartBase {
  readonly kind: 'claims'
  /** Claims whose values share an axis. */
  readonly panels: readonly ClaimPanel[]
  /** The hypotheses without a measured value or a verdict. */
  readonly unjudged: readonly UnjudgedClaim[]
  /** What the marks mean. */
  readonly legend: { readonly target: string; readonly floor: string }
}

export interface ClaimPanel {
  /** The label of the axis, with its unit. */
  readonly axis: string
  /** The value that means no difference: 0 for changes, 100 for ratios. */
  readonly neutral?: number
  readonly claims: readonly JudgedClaim[]
}

/** How a verdict is drawn: supported, leans for, refuted, leans against, inconclusive. */
export type ClaimColour = 'for' | 'leans-for' | 'against' | 'leans-against' | 'open'

export interface JudgedClaim {
  /** The id and the statement. */
  readonly statement: string
  /** The verdict with the measured value and the target. */
  readonly verdict: string
  readonly colour: ClaimColour
  readonly measured: number
  readonly interval?: ChartInterval
  /** The bounds that the claim names: an upper bound, a lower bound, or both. */
  readonly target: Partial<ChartInterval>
  /** The range of changes that may be noise. */
  readonly floor?: ChartInterval
}

export interface UnjudgedClaim {
  readonly statement: string
  /** Why there is no verdict. */
  readonly verdict: string
}

/** Throughput and latency over the levels of a load: a line for each config. */
export interface LevelsChart extends ChartBase {
  readonly kind: 'levels'
  /** The label of the axis of levels. */
  readonly levelAxis: string
  /** In ascending order. */
  readonly levels: readonly number[]
  readonly panels: readonly LevelsPanel[]
}

export interface LevelsPanel {
  /** The label of the axis, with its unit. */
  readonly axis: string
  /** The bound of the objective on this figure, with its name. */
  readonly bound?: { readonly value: number; readonly text: string }
  readonly lines: readonly LevelsLine[]
}

export interface LevelsLine {
  readonly label: string
  /** The place of the config in the experiment file; configs keep their colour in all charts of a report. */
  readonly config: number
  readonly points: readonly {
    readonly level: number
    readonly value: number
    readonly interval?: ChartInterval
  }[]
}

/** Two figures of each config, one to maximise and one to minimise, and the Pareto front. */
export interface FrontChart extends ChartBase {
  readonly kind: 'front'
  /** The label of the axis of the figure to maximise, with its unit. */
  readonly axis: string
  /** The label of the axis of the figure to minimise, with its unit. */
  readonly costAxis: string
  readonly points: readonly FrontPoint[]
  /** The bound of the objective on the figure to minimise, with its name. */
  readonly bound?: { readonly value: number; readonly text: string }
  /** The name of each role. */
  readonly legend: Readonly<Record<FrontRole, string>>
  /** The configs on the front, from left to right; shown below the picture. */
  readonly front: readonly string[]
}

export type FrontRole = 'leader' | 'base' | 'front' | 'other'

export interface FrontPoint {
  /** Determines how the point looks. The leader and the base keep their own roles on the front. */
  readonly role: FrontRole
  /** True if no other config is better in one figure and at least as good in the other. */
  readonly onFront: boolean
  readonly cost: number
  readonly costInterval?: ChartInterval
  readonly value: number
  readonly interval?: ChartInterval
  /** The config and its figures, shown when a reader points at it. */
  readonly text: string
}

/** A figure of some configs over the versions of a report. */
export interface HistoryChart extends ChartBase {
  readonly kind: 'history'
  readonly axis: string
  /** Oldest first. */
  readonly versions: readonly string[]
  readonly lines: readonly HistoryLine[]
}

export interface HistoryLine {
  readonly label: string
  /** The place of the config in the experiment file. */
  readonly config: number
  readonly points: readonly HistoryPoint[]
}

export interface HistoryPoint {
  readonly version: string
  readonly value: number
  readonly interval?: ChartInterval
  /** The value, as the table shows it. */
  readonly text: string
}

/** The share of requests that took at most a given time: a line for each config. */
export interface DistributionChart extends ChartBase {
  readonly kind: 'distribution'
  readonly axis: string
  /** The label of the axis of shares. */
  readonly shareAxis: string
  readonly lines: readonly DistributionLine[]
}

export interface DistributionLine {
  readonly label: string
  /** The place of the config in the experiment file. */
  readonly config: number
  /** Each latency in ms with the share of requests (0 to 1) that took at most that long; both ascend. */
  readonly points: readonly { readonly ms: number; readonly share: number }[]
  /** P50, P95 and P99, those that are known. */
  readonly quantiles: readonly {
    readonly name: string
    readonly ms: number
    readonly share: number
    readonly text: string
  }[]
}

/** The figure of each trial in the order measured. */
export interface TrialsChart extends ChartBase {
  readonly kind: 'trials'
  readonly axis: string
  /** The label of the axis of rounds. */
  readonly orderAxis: string
  readonly lines: readonly TrialsLine[]
}

export interface TrialsLine {
  readonly label: string
  /** The place of the config in the experiment file. */
  readonly config: number
  readonly points: readonly TrialPoint[]
}

export interface TrialPoint {
  readonly round: number
  /** The place of the trial in the order measured, from 0. */
  readonly order: number
  readonly value: number
  /** The value, shown when a reader points at it. */
  readonly text: string
  /** What is unusual about this trial, if anything. */
  readonly note?: string
}

/** The requests of one trial over time. */
export interface CourseChart extends ChartBase {
  readonly kind: 'course'
  readonly axis: string
  readonly timeAxis: string
  /** The place of the config in the experiment file. */
  readonly config: number
  /** The requests; if there are many, only the fastest, the median and the slowest of each time span. */
  readonly points: readonly CoursePoint[]
  /** When the window of measurement opened and closed, in seconds since the trial began. */
  readonly window: ChartInterval
  /** The name of the window. */
  readonly windowText: string
  /** The name of failed requests; empty if there are none. */
  readonly failed: string
}

export interface CoursePoint {
  /** Seconds since the trial began. */
  readonly at: number
  readonly ms: number
  /** When the request was sent and how long it took, shown when a reader points at it. */
  readonly text: string
  /** True if the request failed. */
  readonly failed?: true
}

export type Chart =
  | TimeChart
  | ClaimsChart
  | LevelsChart
  | FrontChart
  | HistoryChart
  | DistributionChart
  | TrialsChart
  | CourseChart
