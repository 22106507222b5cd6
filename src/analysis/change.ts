/** Compares one metric between two configs: the change and its interval, paired by round, unpaired or by sample. */
import type { Metric, ScoreMetric } from '../metrics/catalog.ts'
import {
  boundedMeanInterval,
  clipped,
  meanInterval,
  newcombeInterval,
  newcombePairedInterval,
  pairedCounts,
  orderAdjustedMeanInterval,
  welchIntervalOf,
  coveringBoth,
  type Estimate,
} from '../stats/interval.ts'
import { degreesOfMean, type Degrees } from '../stats/power.ts'
import type { ConfigAnalysis } from './analysis.ts'
import { betweenRuns, widenedBetweenRuns, type BetweenRuns } from './between-runs.ts'
import {
  combine,
  endedOf,
  percentOf,
  pooledCounts,
  sampleOutcomes,
  tableConfidence,
} from './config-figures.ts'
import {
  areBinary,
  inPoints,
  intervalIn,
  isSampled,
  minRounds,
  replicateCount,
  replicatesOf,
} from './figure-interval.ts'
import type { Figure, Interval, RoundFigure } from './figure.ts'
import { detectableChange } from './outlook.ts'
import { widenedByTimingError } from './timing-error.ts'
import { fromTestScale, toTestScale } from './test-scale.ts'

/** The two sides of a comparison, for one metric. */
export interface Sides {
  readonly metric: Metric
  readonly from: Figure
  readonly to: Figure
  readonly paired: boolean
  /**
   * `to` compared with `from`, over the same rounds or samples as the interval: the factor for metrics compared by
   * ratio, else the difference. `undefined` if a side has no value.
   */
  readonly estimate: number | undefined
  /** Differences on the scale of the test, one for each round or sample that both sides have. Empty if unpaired. */
  readonly differences: readonly number[]
  /** True if a side has rounds or samples that the other lacks. Estimate and interval leave those out. */
  readonly partial: boolean
  /** The interval of the change on the scale of the test. `undefined` with too few values. */
  readonly interval: (confidence: number) => Estimate | undefined
  readonly degrees: Degrees
  /**
   * How much of the difference the load generator's own delays may cause, on the scale of the test; `interval` includes
   * it. Absent if it is not known, or if it is the same on both sides.
   */
  readonly timingError?: number
  readonly intervalWithoutTimingError?: Sides['interval']
  /** The run-to-run variation, which the interval includes. Present if the rounds are not paired. */
  readonly betweenRuns?: (metric: Metric, confidence: number) => BetweenRuns
}

/** The minimum of shared rounds with which the test removes the effect of the order within rounds. */
export const minRoundsForOrderEffect = 6

/** `undefined` if the metric does not apply to this experiment. */
export function sidesOf(id: string, from: ConfigAnalysis, to: ConfigAnalysis): Sides | undefined {
  const sides = sidesWithoutTimingError(id, from, to)
  return sides && widenedByTimingError(sides)
}

function sidesWithoutTimingError(
  id: string,
  from: ConfigAnalysis,
  to: ConfigAnalysis,
): Sides | undefined {
  const [before, after] = [from.figures.get(id), to.figures.get(id)]
  if (before === undefined || after === undefined) return undefined
  const { metric } = after
  const figures = { metric, from: before, to: after }
  if (metric.family === 'score') return { ...figures, ...bySample(metric, figures, [from, to]) }
  if (isPaired(from, to)) return { ...figures, ...byRound(metric, figures) }
  const between = (as: Metric, confidence: number) => betweenRuns(as, from, to, confidence)
  return { ...figures, ...unpaired(metric, figures, between), betweenRuns: between }
}

/** True if both configs were measured in the same run, so that rounds can be paired. */
export function isPaired(from: ConfigAnalysis, to: ConfigAnalysis): boolean {
  return from.run !== undefined && from.run === to.run
}

type TestedSides = Omit<Sides, 'metric' | 'from' | 'to'>
type Figures = Pick<Sides, 'from' | 'to'>

/** The change from one value to another: a factor for metrics compared by ratio, else a difference. */
function changeBetween(metric: Metric, from: number | undefined, to: number | undefined) {
  if (from === undefined || to === undefined) return undefined
  if (metric.change === 'difference') return to - from
  return from === 0 ? undefined : to / from
}

function isPartial(shared: number, ...sides: readonly number[]): boolean {
  return Math.min(...sides) > 0 && shared < Math.max(...sides)
}

function byRound(metric: Metric, { from, to }: Figures): TestedSides {
  const pairs = to.byRound.flatMap((after) => {
    const before = from.byRound.find(({ round }) => round === after.round)
    return before === undefined ? [] : [{ before, after }]
  })
  const differences = pairs.flatMap(({ before, after }) => {
    const [scaledBefore, scaledAfter] = [
      toTestScale(metric, before.value),
      toTestScale(metric, after.value),
    ]
    return scaledBefore === undefined || scaledAfter === undefined
      ? []
      : [scaledAfter - scaledBefore]
  })
  const enough =
    isSampled(metric) && differences.length >= minRounds && differences.length === pairs.length
  const orders = pairs.map(({ before, after }) => Math.sign(after.position - before.position))
  // if the order never varies, its effect cannot be separated from the difference
  const orderVaries = pairs.length < minRoundsForOrderEffect || new Set(orders).size > 1
  const removesOrderEffect = enough && pairs.length >= minRoundsForOrderEffect && orderVaries
  const test = (confidence: number) =>
    removesOrderEffect
      ? orderAdjustedMeanInterval(differences, orders, confidence)
      : meanInterval(differences, confidence)
  const [before, after] = [pairs.map((pair) => pair.before), pairs.map((pair) => pair.after)]
  const plainEstimate =
    pairs.length === 0
      ? undefined
      : changeBetween(metric, combine(metric, before), combine(metric, after))
  // a share refers to all requests together, not to a mean over rounds
  const orderAdjusted =
    removesOrderEffect && metric.aggregation !== 'pooled' ? test(tableConfidence) : undefined
  return {
    paired: true,
    estimate:
      orderAdjusted === undefined ? plainEstimate : fromTestScale(metric, orderAdjusted.estimate),
    differences,
    partial: isPartial(pairs.length, from.byRound.length, to.byRound.length),
    interval: (confidence) =>
      enough
        ? widenedByCounts(metric, test(confidence), { from: before, to: after }, confidence)
        : undefined,
    degrees: (n) => (orderVaries && n >= minRoundsForOrderEffect ? n - 2 : n - 1),
  }
}

function unpaired(
  metric: Metric,
  figures: Figures,
  between: NonNullable<Sides['betweenRuns']>,
): TestedSides {
  const [from, to] = [figures.from, figures.to].map((figure) => replicatesOf(figure, metric))
  const counted = ({ runs, byRound }: Figure) => runs ?? byRound
  return {
    paired: false,
    estimate: changeBetween(metric, figures.from.value, figures.to.value),
    differences: [],
    partial: false,
    interval: (confidence) => {
      if (from === undefined || to === undefined || Math.min(from.n, to.n) < minRounds)
        return undefined
      const welch = welchIntervalOf(from, to, confidence)
      const rounds = { from: counted(figures.from), to: counted(figures.to) }
      const withinRuns = widenedByCounts(metric, welch, rounds, confidence)
      const variation = between(metric, confidence)
      if (withinRuns === undefined || Number.isNaN(variation.half)) return undefined
      const widened = widenedBetweenRuns(withinRuns, variation)
      return metric.change === 'difference' && metric.unit === '%'
        ? clipped(widened, [-100, 100])
        : widened
    },
    degrees: degreesOfMean,
  }
}

/**
 * Widens the interval of a difference between shares, in points, to at least Newcombe's interval for the counts of all
 * rounds together. Leaves the intervals of other metrics unchanged.
 */
function widenedByCounts(
  { change }: Metric,
  estimate: Estimate | undefined,
  { from, to }: Readonly<Record<'from' | 'to', readonly Pick<RoundFigure, 'counts'>[]>>,
  confidence: number,
): Estimate | undefined {
  const [before, after] = [pooledCounts(from), pooledCounts(to)]
  if (estimate === undefined || before === undefined || after === undefined) return estimate
  if (change === 'ratio') return estimate
  const byCounts = inPoints(newcombeInterval(before, after, confidence))
  return clipped(coveringBoth(estimate, byCounts), [-100, 100])
}

/** Pairs both sides by sample, even across runs, because scores are properties of samples. In points. */
function bySample(
  metric: ScoreMetric,
  figures: Figures,
  [from, to]: readonly [ConfigAnalysis, ConfigAnalysis],
): TestedSides {
  const outcomesOf = ({ trials }: ConfigAnalysis) => sampleOutcomes(endedOf(trials), metric.check)
  const [before, after] = [outcomesOf(from), outcomesOf(to)]
  const pairs = [...after].flatMap(([sample, outcomeAfter]) => {
    const outcomeBefore = before.get(sample)
    return outcomeBefore === undefined ? [] : [[outcomeBefore, outcomeAfter] as const]
  })
  const sharedBefore = pairs.map(([outcomeBefore]) => outcomeBefore)
  const sharedAfter = pairs.map(([, outcomeAfter]) => outcomeAfter)
  const differences = pairs.map(([outcomeBefore, outcomeAfter]) => outcomeAfter - outcomeBefore)
  return {
    paired: true,
    estimate:
      Math.min(before.size, after.size) === 0
        ? changeBetween(metric, figures.from.value, figures.to.value)
        : pairs.length === 0
          ? undefined
          : percentOf(sharedAfter) - percentOf(sharedBefore),
    differences: differences.map((share) => share * 100),
    partial: isPartial(pairs.length, before.size, after.size),
    interval: (confidence) => {
      if (pairs.length === 0) return undefined
      const estimate = areBinary(pairs.flat())
        ? newcombePairedInterval(pairedCounts(pairs), confidence)
        : boundedMeanInterval(differences, [-1, 1], confidence)
      return estimate && inPoints(estimate)
    },
    degrees: degreesOfMean,
  }
}

/** The change: percent, or the difference in the metric's unit. */
export function changeValue({ metric, estimate }: Sides): number | undefined {
  return metric.change === 'ratio' && estimate !== undefined ? (estimate - 1) * 100 : estimate
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
 * The interval of the log ratio, even for metrics that are compared by difference. It is used for parts of latency: a
 * part may be several times as long in every round, and yet vary so much that the interval of the difference includes
 * 0. `undefined` if a value is not positive.
 */
export function logInterval({ metric, from, to, betweenRuns: between }: Sides, confidence: number) {
  const ratio: Metric = { ...metric, change: 'ratio' }
  const figures = { from, to }
  const tested = between ? unpaired(ratio, figures, between) : byRound(ratio, figures)
  return tested.interval(confidence)
}

/** Number of pairs of rounds or samples; for unpaired sides, the smaller number of trials, or of runs of a document. */
export function replicates({ paired, differences, from, to }: Sides): number {
  return paired ? differences.length : Math.min(replicateCount(from), replicateCount(to))
}

/**
 * The smallest change that this comparison would probably have shown, in the unit of `changeValue`. `undefined` for
 * figures of a document, which no further round can make more precise.
 */
export function changeDetectable(sides: Sides, confidence: number): number | undefined {
  const estimate = sides.interval(confidence)
  const isRecorded = [sides.from, sides.to].some(({ basedOn }) => basedOn === 'document')
  if (estimate === undefined || isRecorded) return undefined
  const half = (estimate.high - estimate.low) / 2
  return detectableChange(sides.metric, half, replicates(sides), confidence, sides.degrees)
}

/** The figure divided by the base's. `undefined` if the metric is not compared by ratio. */
export function ratioValue({ metric, estimate }: Sides): number | undefined {
  return metric.change === 'ratio' ? estimate : undefined
}

/** The interval of `ratioValue`. */
export function ratioInterval(sides: Sides, confidence: number): Interval | undefined {
  if (sides.metric.change !== 'ratio') return undefined
  return intervalIn(sides.interval(confidence), Math.exp, confidence)
}
