/**
 * Confidence intervals of means, differences and shares. Input: numbers and a confidence (0.95 for 95 %). Output: the
 * estimate with its two ends. Pure.
 */
import { linearRegression, mean, sampleVariance } from 'simple-statistics'
import { normalQuantile, studentQuantile } from './distributions.ts'
import { pooledQuantiles, type WeightedSample } from './quantile.ts'

export interface Estimate {
  readonly estimate: number
  readonly low: number
  readonly high: number
}

/** Student's t interval for the mean of independent values; `undefined` for fewer than 2 values. */
export function meanInterval(values: readonly number[], confidence: number): Estimate | undefined {
  return values.length < 2 ? undefined : sampleInterval(sampleOf(values), confidence)
}

/**
 * The confidence interval of a quantile of latency, on the log scale. It is for the mean of this quantile over all
 * possible trials. `undefined` for fewer than 2 trials.
 *
 * - The estimate is the mean of the quantiles of the trials.
 * - The centre of the interval is the pooled quantile: the quantile of the requests of all trials together. The
 *   quantile of a single trial would be biased towards the median if few requests lie above it.
 * - The half width is the larger of two half widths. The first is that of Student's t interval for the quantiles of the
 *   trials. The second is that of the jackknife of the pooled quantile, which leaves out one trial at a time (Shao and
 *   Tu, The Jackknife and Bootstrap, 1995).
 * - If the estimate lies outside this interval, the interval is extended to it.
 *
 * @param quantiles logarithms of the quantile of each trial
 * @param samples the requests of the same trials; all values above 0
 */
export function quantileInterval(
  quantiles: readonly number[],
  samples: readonly WeightedSample[],
  share: number,
  confidence: number,
): Estimate | undefined {
  const student = meanInterval(quantiles, confidence)
  if (student === undefined) return undefined
  const { pooled, leavingOneOut } = pooledQuantiles(samples, share)
  const middle = Math.log(pooled)
  const jackknife = meanInterval(leavingOneOut.map(Math.log), confidence)
  const halfOf = ({ estimate, high }: Estimate) => high - estimate
  // If one of n trials is left out, a mean moves by 1 / (n - 1) of that trial's deviation. Multiply by n - 1 to undo
  // this.
  const half = Math.max(
    halfOf(student),
    jackknife === undefined ? 0 : (quantiles.length - 1) * halfOf(jackknife),
  )
  const { estimate } = student
  return {
    estimate,
    low: Math.min(estimate, middle - half),
    high: Math.max(estimate, middle + half),
  }
}

/**
 * Interval for the mean of paired differences, without the effect of which side came first. The estimate is the
 * intercept of a regression on `orders`, which costs one degree of freedom. `undefined` for fewer than 3 values, or if
 * the order never varies, so that its effect cannot be separated from the mean.
 * @param orders 1 or -1 for each value, by the side that came first
 */
export function orderAdjustedMeanInterval(
  values: readonly number[],
  orders: readonly number[],
  confidence: number,
): Estimate | undefined {
  if (values.length < 3 || new Set(orders).size < 2) return undefined
  const { m: slope, b: intercept } = linearRegression(
    values.map((value, index) => [orders[index] ?? NaN, value]),
  )
  const degrees = values.length - 2
  const residuals = values.map((value, index) => value - intercept - slope * (orders[index] ?? NaN))
  const variance = residuals.reduce((sum, residual) => sum + residual ** 2, 0) / degrees
  const middle = mean([...orders])
  const sumOfSquares = orders.reduce((sum, order) => sum + (order - middle) ** 2, 0)
  return estimateWithError(
    intercept,
    Math.sqrt(variance * (1 / values.length + middle ** 2 / sumOfSquares)),
    studentQuantile((1 + confidence) / 2, degrees),
  )
}

/** A summary of independent values, enough to compute their mean and its interval. */
export interface Sample {
  /** The number of values. */
  readonly n: number
  readonly mean: number
  /** Of single values, not of their mean; `NaN` for fewer than 2 values. */
  readonly variance: number
}

/** Mean and variance are `NaN` without values. */
export function sampleOf(values: readonly number[]): Sample {
  return {
    n: values.length,
    mean: values.length === 0 ? NaN : mean([...values]),
    variance: values.length < 2 ? NaN : sampleVariance([...values]),
  }
}

/** Student's t interval for the mean of the values behind a sample; `undefined` for fewer than 2 values. */
export function sampleInterval(
  { n, mean: middle, variance }: Sample,
  confidence: number,
): Estimate | undefined {
  if (n < 2) return undefined
  return estimateWithError(
    middle,
    Math.sqrt(variance / n),
    studentQuantile((1 + confidence) / 2, n - 1),
  )
}

/**
 * Welch's interval for the difference of two means, `to` minus `from`, with Satterthwaite's degrees of
 * freedom (Welch, Biometrika 34, 1947). Needs 2 values on each side.
 */
export function welchInterval(
  from: readonly number[],
  to: readonly number[],
  confidence: number,
): Estimate | undefined {
  return welchIntervalOf(sampleOf(from), sampleOf(to), confidence)
}

/** Welch's interval for two samples of which only number, mean and variance are known. */
export function welchIntervalOf(
  from: Sample,
  to: Sample,
  confidence: number,
): Estimate | undefined {
  if (from.n < 2 || to.n < 2) return undefined
  const parts = [from, to].map(({ n, variance }) => ({ error: variance / n, degrees: n - 1 }))
  const error = parts.reduce((sum, part) => sum + part.error, 0)
  const difference = to.mean - from.mean
  if (error === 0) return { estimate: difference, low: difference, high: difference }
  const degrees = error ** 2 / parts.reduce((sum, part) => sum + part.error ** 2 / part.degrees, 0)
  return estimateWithError(
    difference,
    Math.sqrt(error),
    studentQuantile((1 + confidence) / 2, degrees),
  )
}

/** Wilson's score interval for a share, 0..1 (J. Am. Stat. Assoc. 22, 1927). `whole` is above 0. */
export function wilsonInterval(part: number, whole: number, confidence: number): Estimate {
  const z = normalQuantile((1 + confidence) / 2)
  const share = part / whole
  const middle = (part + (z * z) / 2) / (whole + z * z)
  const half = (z / (whole + z * z)) * Math.sqrt(whole * share * (1 - share) + (z * z) / 4)
  return {
    estimate: share,
    low: part === 0 ? 0 : middle - half,
    high: part === whole ? 1 : middle + half,
  }
}

/**
 * The interval for the mean of values that lie in a range: Student's t interval, widened to what unseen values
 * allow: even if all n observed values are equal, a share of all possible values may differ from them, each by up to 1.
 * This share is at most the upper end of Wilson's interval for 0 of n: about 4/n at 95 %. `undefined` for fewer than 2
 * values.
 */
export function boundedMeanInterval(
  values: readonly number[],
  range: readonly [number, number],
  confidence: number,
): Estimate | undefined {
  const student = meanInterval(values, confidence)
  if (student === undefined) return undefined
  const { estimate } = student
  const maxUnseen = wilsonInterval(0, values.length, confidence).high
  const allowingUnseen = { estimate, low: estimate - maxUnseen, high: estimate + maxUnseen }
  return clipped(coveringBoth(student, allowingUnseen), range)
}

/** The first estimate, with the smallest interval that contains the intervals of both. */
export function coveringBoth(one: Estimate, other: Estimate | undefined): Estimate {
  if (other === undefined) return one
  return { ...one, low: Math.min(one.low, other.low), high: Math.max(one.high, other.high) }
}

/** The estimate with its interval cut off at the smallest and the largest possible value. */
export function clipped(
  { estimate, low, high }: Estimate,
  [least, most]: readonly [number, number],
): Estimate {
  return { estimate, low: Math.max(least, low), high: Math.min(most, high) }
}

/** A number of successes among a number of attempts. `part` need not be whole; `whole` is above 0. */
export interface Counts {
  readonly part: number
  readonly whole: number
}

/**
 * Newcombe's interval for the difference of two independent shares, `to` minus `from`, -1..1: method 10 of "Interval
 * estimation for the difference between independent proportions", Statistics in Medicine 17, 1998.
 */
export function newcombeInterval(from: Counts, to: Counts, confidence: number): Estimate {
  return differenceOfShares(
    wilsonInterval(from.part, from.whole, confidence),
    wilsonInterval(to.part, to.whole, confidence),
    0,
  )
}

/** The number of samples that both sides, one side or neither side answered correctly. */
export interface PairedCounts {
  readonly both: number
  readonly onlyFrom: number
  readonly onlyTo: number
  readonly neither: number
}

/** @param pairs one entry for each sample: its outcome on either side, 0 or 1 */
export function pairedCounts(pairs: readonly (readonly [number, number])[]): PairedCounts {
  const count = (outcomeFrom: number, outcomeTo: number) =>
    pairs.filter(([from, to]) => from === outcomeFrom && to === outcomeTo).length
  return {
    both: count(1, 1),
    onlyFrom: count(1, 0),
    onlyTo: count(0, 1),
    neither: count(0, 0),
  }
}

/**
 * Newcombe's interval for the difference of two shares of the same samples, `to` minus `from`, -1..1:
 * method 10 of "Improved confidence intervals for the difference between binomial proportions based on
 * paired data", Statistics in Medicine 17, 1998. At least one sample.
 */
export function newcombePairedInterval(counts: PairedCounts, confidence: number): Estimate {
  const { both, onlyFrom, onlyTo, neither } = counts
  const whole = both + onlyFrom + onlyTo + neither
  const from = wilsonInterval(both + onlyFrom, whole, confidence)
  const to = wilsonInterval(both + onlyTo, whole, confidence)
  return differenceOfShares(from, to, pairedCorrelation(counts, whole))
}

/** Combines the intervals of two shares into that of their difference. */
function differenceOfShares(from: Estimate, to: Estimate, correlation: number): Estimate {
  const estimate = to.estimate - from.estimate
  return {
    estimate,
    low: estimate - squareAndAdd(to.estimate - to.low, from.high - from.estimate, correlation),
    high: estimate + squareAndAdd(to.high - to.estimate, from.estimate - from.low, correlation),
  }
}

/**
 * Newcombe's correlation of the two sides, corrected for continuity. 0 if a side answered all or no samples correctly,
 * or if the correction exceeds the correlation.
 */
function pairedCorrelation(counts: PairedCounts, whole: number): number {
  const { both, onlyFrom, onlyTo, neither } = counts
  const margins = (both + onlyFrom) * (onlyTo + neither) * (both + onlyTo) * (onlyFrom + neither)
  if (margins === 0) return 0
  const excess = both * neither - onlyFrom * onlyTo
  return (excess > 0 ? Math.max(0, excess - whole / 2) : excess) / Math.sqrt(margins)
}

function squareAndAdd(one: number, other: number, correlation: number): number {
  return Math.sqrt(Math.max(0, one ** 2 - 2 * correlation * one * other + other ** 2))
}

function estimateWithError(estimate: number, error: number, quantile: number): Estimate {
  return { estimate, low: estimate - quantile * error, high: estimate + quantile * error }
}
