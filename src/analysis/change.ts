/** Compares one metric between two configs: the change and its interval, paired by round, unpaired or by sample. */
import type { Metric, ScoreMetric } from '../metrics/catalog.ts'
import {
  meanInterval,
  newcombePairedInterval,
  welchInterval,
  type Estimate,
} from '../stats/interval.ts'
import type { ConfigAnalysis } from './analysis.ts'
import { endedOf, intervalIn, minRounds, areBinary, sampleOutcomes } from './config-figures.ts'
import type { Figure, Interval } from './figure.ts'
import { detectableChange } from './outlook.ts'

/** The two sides of a comparison, for one metric. */
export interface Sides {
  readonly metric: Metric
  readonly from: Figure
  readonly to: Figure
  readonly paired: boolean
  /** Differences on the scale of the test, one for each round or sample that both sides have. Empty if unpaired. */
  readonly differences: readonly number[]
  /** The interval on the same scale. `undefined` with too few values. */
  readonly interval: (confidence: number) => Estimate | undefined
}

/** `undefined` if the metric does not apply to this experiment. */
export function sidesOf(id: string, from: ConfigAnalysis, to: ConfigAnalysis): Sides | undefined {
  const [before, after] = [from.figures.get(id), to.figures.get(id)]
  if (before === undefined || after === undefined) return undefined
  const { metric } = after
  const figures = { metric, from: before, to: after }
  if (metric.family === 'score') return { ...figures, ...bySample(metric, from, to) }
  if (isPaired(from, to)) return { ...figures, ...byRound(metric, figures) }
  return { ...figures, ...unpaired(metric, figures) }
}

/** True if both configs were measured in the same run, so that rounds can be paired. */
export function isPaired(from: ConfigAnalysis, to: ConfigAnalysis): boolean {
  return from.run !== undefined && from.run === to.run
}

type TestedSides = Pick<Sides, 'paired' | 'differences' | 'interval'>

/**
 * Converts a value to the scale of the test: the logarithm for metrics compared by ratio, `undefined` if the value has
 * none.
 */
function toTestScale(metric: Metric, value: number): number | undefined {
  if (metric.change === 'difference') return value
  return value > 0 ? Math.log(value) : undefined
}

function byRound(metric: Metric, { from, to }: Pick<Sides, 'from' | 'to'>): TestedSides {
  const pairs = to.byRound.flatMap((after) => {
    const before = from.byRound.find(({ round }) => round === after.round)
    return before === undefined ? [] : [[before.value, after.value] as const]
  })
  const differences = pairs.flatMap(([before, after]) => {
    const [low, high] = [toTestScale(metric, before), toTestScale(metric, after)]
    return low === undefined || high === undefined ? [] : [high - low]
  })
  const enough = differences.length >= minRounds && differences.length === pairs.length
  return {
    paired: true,
    differences,
    interval: (confidence) => (enough ? meanInterval(differences, confidence) : undefined),
  }
}

function unpaired(metric: Metric, figures: Pick<Sides, 'from' | 'to'>): TestedSides {
  const [from, to] = [figures.from, figures.to].map(({ byRound }) =>
    byRound.map(({ value }) => toTestScale(metric, value)).filter((value) => value !== undefined),
  )
  const enough =
    from !== undefined && to !== undefined && Math.min(from.length, to.length) >= minRounds
  return {
    paired: false,
    differences: [],
    interval: (confidence) => (enough ? welchInterval(from, to, confidence) : undefined),
  }
}

/** Pairs both sides by sample, even across runs, because scores are properties of samples. In points. */
function bySample({ check }: ScoreMetric, from: ConfigAnalysis, to: ConfigAnalysis): TestedSides {
  const before = sampleOutcomes(endedOf(from.trials), check)
  const pairs = [...sampleOutcomes(endedOf(to.trials), check)].flatMap(([sample, after]) => {
    const outcome = before.get(sample)
    return outcome === undefined ? [] : [[outcome, after] as const]
  })
  const differences = pairs.map(([one, other]) => (other - one) * 100)
  return {
    paired: true,
    differences,
    interval: (confidence) => {
      if (pairs.length === 0) return undefined
      return areBinary(pairs.flat())
        ? inPoints(newcombePairedInterval(pairedCounts(pairs), confidence))
        : meanInterval(differences, confidence)
    },
  }
}

/** @param pairs of outcomes of the same sample on both sides, each 0 or 1 */
export function pairedCounts(pairs: readonly (readonly [number, number])[]) {
  const count = (from: number, to: number) =>
    pairs.filter(([one, other]) => one === from && other === to).length
  return {
    both: count(1, 1),
    onlyFrom: count(1, 0),
    onlyTo: count(0, 1),
    neither: count(0, 0),
  }
}

function inPoints({ estimate, low, high }: Estimate): Estimate {
  return { estimate: estimate * 100, low: low * 100, high: high * 100 }
}

/** The change between the figures that tables show: percent, or the difference in the metric's unit. */
export function changeValue({ metric, from, to }: Sides): number | undefined {
  if (from.value === undefined || to.value === undefined) return undefined
  if (metric.change === 'difference') return to.value - from.value
  return from.value === 0 ? undefined : ((to.value - from.value) / from.value) * 100
}

/** The interval of `changeValue`, in its unit. */
export function changeInterval(sides: Sides, confidence: number): Interval | undefined {
  return intervalIn(
    sides.interval(confidence),
    sides.metric.change === 'ratio' ? (log) => Math.expm1(log) * 100 : (value) => value,
    confidence,
  )
}

/**
 * The interval of the log ratio, also for metrics that are compared by difference. It detects a part of latency that is
 * many times as long in every round, even if the rounds differ a lot. `undefined` if a value is not positive.
 */
export function logInterval({ metric, from, to, paired }: Sides, confidence: number) {
  const ratio: Metric = { ...metric, change: 'ratio' }
  const tested = paired ? byRound(ratio, { from, to }) : unpaired(ratio, { from, to })
  return tested.interval(confidence)
}

/** Number of pairs of rounds or samples; for unpaired sides, the smaller number of trials. */
export function replicates({ paired, differences, from, to }: Sides): number {
  return paired ? differences.length : Math.min(from.byRound.length, to.byRound.length)
}

/** The smallest change that this comparison would probably have shown, in the unit of `changeValue`. */
export function changeDetectable(sides: Sides, confidence: number): number | undefined {
  const estimate = sides.interval(confidence)
  if (estimate === undefined) return undefined
  const half = (estimate.high - estimate.low) / 2
  return detectableChange(sides.metric, half, replicates(sides), confidence)
}

/** The figure divided by the base's. `undefined` if the metric is not compared by ratio. */
export function ratioValue({ metric, from, to }: Sides): number | undefined {
  if (metric.change !== 'ratio' || from.value === undefined || to.value === undefined)
    return undefined
  return from.value === 0 ? undefined : to.value / from.value
}

/** The interval of `ratioValue`. */
export function ratioInterval(sides: Sides, confidence: number): Interval | undefined {
  if (sides.metric.change !== 'ratio') return undefined
  return intervalIn(sides.interval(confidence), Math.exp, confidence)
}
