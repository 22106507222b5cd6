/** The interval of a figure: of a score over its samples, of any other figure over its trials. */
import { sum } from './measured-requests.ts'
import {
  boundedMeanInterval,
  clipped,
  meanInterval,
  quantileInterval,
  coveringBoth,
  sampleInterval,
  sampleOf,
  wilsonInterval,
  type Counts,
  type Estimate,
  type Sample,
} from '../stats/interval.ts'
import { studentQuantile } from '../stats/distributions.ts'
import type { Metric } from '../metrics/catalog.ts'
import type { MetricFamily } from '../metrics/metric.ts'
import type { Figure, Interval } from './figure.ts'
import { fromTestScale, toTestScale } from './test-scale.ts'

/** Minimum number of trials for an interval. */
export const minRounds = 3

/**
 * The interval of a score in percent, over dataset samples. It is Wilson's interval if every outcome is right or wrong,
 * and otherwise the interval of a bounded mean.
 */
export function outcomesInterval(
  outcomes: readonly number[],
  confidence: number,
): Interval | undefined {
  const estimate = areBinary(outcomes)
    ? wilsonInterval(sum(outcomes), outcomes.length, confidence)
    : boundedMeanInterval(outcomes, [0, 1], confidence)
  return intervalIn(estimate, (share) => share * 100, confidence)
}

/**
 * The interval of a figure over its trials, computed on logarithms if it is a geometric mean. The interval of a share
 * is at least Wilson's interval for its counts: 60 requests without a failure do not prove that 1,000 requests have
 * none. `undefined` for fewer trials than `minRounds`.
 */
export function roundsInterval(figure: Figure, confidence: number): Interval | undefined {
  const { metric, byRound, counts } = figure
  if (figure.basedOn === 'document') return documentInterval(figure, confidence)
  const values = byRound.map(({ value }) => value)
  if (values.length < minRounds || !isSampled(metric)) return undefined
  if (metric.aggregation !== 'geometric') {
    const student = meanInterval(values, confidence)
    const estimate =
      student === undefined || counts === undefined
        ? student
        : clipped(
            coveringBoth(student, inPoints(wilsonInterval(counts.part, counts.whole, confidence))),
            [0, 100],
          )
    return intervalIn(estimate, (value) => value, confidence)
  }
  if (values.some((value) => value <= 0)) return intervalWithZeros(values, confidence)
  const logs = values.map(Math.log)
  const samples = byRound.flatMap(({ n, ascendingValues }) =>
    ascendingValues === undefined
      ? []
      : [{ ascending: ascendingValues, weight: n / ascendingValues.length }],
  )
  const estimate =
    metric.quantile === undefined || samples.length < values.length
      ? meanInterval(logs, confidence)
      : quantileInterval(logs, samples, metric.quantile, confidence)
  return intervalIn(estimate, Math.exp, confidence)
}

/**
 * The interval of a rate that is 0 in some trials. 0 has no logarithm, so this is the interval of the mean, not below
 * 0. `undefined` if the rate is 0 in all trials, because equal trials show no spread.
 */
function intervalWithZeros(values: readonly number[], confidence: number): Interval | undefined {
  if (values.every((value) => value === values[0])) return undefined
  const estimate = meanInterval(values, confidence)
  return intervalIn(estimate && clipped(estimate, [0, Infinity]), (value) => value, confidence)
}

/**
 * The interval of a figure over the runs of a document: Student's t interval on the scale of the test. `undefined` if
 * all runs are equal, because a document rounds its figures.
 */
function documentInterval(figure: Figure, confidence: number): Interval | undefined {
  const { metric, counts } = figure
  const sample = replicatesOf(figure, metric)
  if (sample === undefined || metric.family === 'score') return undefined
  if (sample.n < minRounds || sample.variance === 0) return undefined
  const estimate = sampleInterval(sample, confidence)
  if (metric.unit !== '%' || estimate === undefined)
    return intervalIn(estimate, (value) => fromTestScale(metric, value), confidence)
  const byCounts = counts && inPoints(wilsonInterval(counts.part, counts.whole, confidence))
  return intervalIn(
    clipped(coveringBoth(estimate, byCounts), [0, 100]),
    (value) => value,
    confidence,
  )
}

/** The number of trials of a figure, or of the runs of a document. */
export function replicateCount({ byRound, runs, spread, basedOn }: Figure): number {
  return basedOn === 'document' ? (runs?.length ?? spread?.runs ?? 0) : byRound.length
}

/**
 * The independent measurements of a figure, on the scale of the test: those of its trials, or of the runs of a
 * document. `undefined` if there are none, if the figure is not sampled, or if the document does not name the kind of
 * its spread and the number of runs.
 * @param metric decides the scale
 */
export function replicatesOf(figure: Figure, metric: Metric): Sample | undefined {
  const { value, byRound, runs, spread, basedOn } = figure
  if (!isSampled(metric)) return undefined
  const measurements = basedOn === 'document' ? (runs ?? []) : byRound
  const values = measurements.flatMap((each) => toTestScale(metric, each.value) ?? [])
  if (values.length > 0 || runs !== undefined)
    return values.length < (runs?.length ?? 1) ? undefined : sampleOf(values)
  const middle = value === undefined ? undefined : toTestScale(metric, value)
  if (spread?.kind === undefined || spread.runs === undefined || middle === undefined)
    return undefined
  const deviation = standardDeviation(spread.value, spread.kind, spread.runs)
  // the standard deviation of a logarithm is about that of the value, divided by the value
  const scaled = metric.change === 'ratio' ? deviation / (value ?? NaN) : deviation
  return { n: spread.runs, mean: middle, variance: scaled ** 2 }
}

/** The standard deviation of single runs. */
function standardDeviation(
  spread: number,
  kind: NonNullable<NonNullable<Figure['spread']>['kind']>,
  runs: number,
): number {
  switch (kind) {
    case 'sd':
      return spread
    case 'se':
      return spread * Math.sqrt(runs)
    case 'ci95':
      return (spread / studentQuantile(0.975, runs - 1)) * Math.sqrt(runs)
  }
}

/**
 * True if the metric varies by chance and so has an interval. Numbers of requests and the GPU share of a model do not.
 */
export function isSampled({ family }: Metric): boolean {
  return family !== 'count' && family !== 'memory'
}

/**
 * The number of requests that a trial needs for a reliable interval if 2 % of all requests take 5 to 10 times as long
 * as the others. Trials with fewer requests often miss these slow ones. An interval is reliable if it contains the true
 * value in at least 93 % of experiments, and is at most 1.5 times as wide as Student's t interval
 * (test/analysis/value-intervals.test.ts).
 */
export function requestsForInterval({ quantile, tailSamples = 0, family }: Metric): number {
  if (!timedFamilies.has(family)) return 0
  if (quantile === undefined) return 100
  return quantile > 0.95 ? tailSamples : 0
}

const timedFamilies: ReadonlySet<MetricFamily> = new Set([
  'rate',
  'latency',
  'firstToken',
  'stream',
  'speed',
  'part',
])

/** Converts an estimate of a share, 0..1, to percent. */
export function inPoints({ estimate, low, high }: Estimate): Estimate {
  return { estimate: estimate * 100, low: low * 100, high: high * 100 }
}

/** The ends of an estimate, converted to another unit. */
export function intervalIn(
  estimate: Estimate | undefined,
  convert: (value: number) => number,
  confidence: number,
): Interval | undefined {
  return estimate && { low: convert(estimate.low), high: convert(estimate.high), confidence }
}

/** True if each outcome is right (1) or wrong (0), so that they can be counted. */
export function areBinary(outcomes: Iterable<number>): boolean {
  for (const outcome of outcomes) if (outcome !== 0 && outcome !== 1) return false
  return true
}

/** The counts of all trials together. */
export function pooled(counts: readonly Counts[]): Counts {
  return { part: sum(counts.map(({ part }) => part)), whole: sum(counts.map(({ whole }) => whole)) }
}
