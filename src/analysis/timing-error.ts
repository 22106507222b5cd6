/**
 * The load generator's own timing error: by how much the measured times of a trial are too long because answers waited
 * to be read, and how much of a difference between two configs this may cause. Unknown, not 0, for records without an
 * estimate.
 */
import { metricById, type Metric } from '../metrics/catalog.ts'
import type { ErrorStatistics, TimingErrors } from '../results/timing-errors.ts'
import { coveringBoth, type Estimate } from '../stats/interval.ts'
import type { Doubt, FigureTimingError, Interval } from './figure.ts'
import type { MeasuredTrial } from './measured-trial.ts'
import type { TrialFigure } from './trial-summary.ts'

/** The figures of a trial from which its errors are computed. */
interface ErrorContext {
  readonly timing: TimingErrors
  readonly isOpenLoop: boolean
  readonly latencyMeanMs: number | undefined
  readonly outputTokens: number | undefined
}

/**
 * The error of one figure of a trial. For a quantile of the latency, it is the same quantile of the errors; for a
 * maximum, their P99. In a closed loop, a rate has the relative error of the mean latency; in an open loop, a rate has
 * no error, because the schedule sets it. In the time per token, constant errors at both ends of a stream cancel out.
 * `undefined` for metrics without such an error.
 */
function timingErrorOf(
  metric: Metric,
  value: number,
  { timing, isOpenLoop, latencyMeanMs = NaN, outputTokens = NaN }: ErrorContext,
): FigureTimingError | undefined {
  const { latency, firstToken, calibration } = timing
  const errorMs = () => {
    switch (metric.family) {
      case 'latency':
        return metric.id === 'latencySd'
          ? undefined
          : calibratedMs(statistic(latency, metric), timing)
      case 'firstToken':
        return calibratedMs(statistic(firstToken, metric), timing)
      case 'rate':
        return isOpenLoop
          ? undefined
          : (value * calibratedMs(latency.meanMs, timing)) / latencyMeanMs
      case 'stream':
        if (metric.id !== 'tpot') return calibratedMs(statistic(latency, metric), timing)
        return (
          Math.abs(withoutOffset(latency.meanMs - firstToken.meanMs, timing)) / (outputTokens - 1)
        )
      case 'part':
        return metric.id === 'outside' ? calibratedMs(latency.meanMs, timing) : undefined
      default:
        return undefined
    }
  }
  const error = errorMs()
  if (error === undefined || !Number.isFinite(error)) return undefined
  return { value: error, calibrated: calibration !== undefined }
}

/** Returns the figures of a trial, each with its error; unchanged if the record has no estimate. */
export function withTimingErrors(
  figures: ReadonlyMap<string, TrialFigure>,
  timing: TimingErrors | undefined,
  workload: MeasuredTrial['workload'],
): ReadonlyMap<string, TrialFigure> {
  if (timing === undefined) return figures
  const context = {
    timing,
    isOpenLoop: workload?.load.kind === 'open',
    latencyMeanMs: figures.get('latencyMean')?.value,
    outputTokens: figures.get('outputTokens')?.value,
  }
  return new Map(
    [...figures].map(([id, figure]) => {
      const metric = metricById(id)
      if (metric === undefined || figure.value === undefined) return [id, figure]
      const timingError = timingErrorOf(metric, figure.value, context)
      return [id, timingError === undefined ? figure : { ...figure, timingError }]
    }),
  )
}

function statistic(errors: ErrorStatistics, { quantile, isMaximum }: Metric): number {
  if (quantile === undefined) return isMaximum === true ? errors.p99Ms : errors.meanMs
  if (quantile <= 0.5) return errors.p50Ms
  if (quantile <= 0.9) return errors.p90Ms
  return quantile <= 0.95 ? errors.p95Ms : errors.p99Ms
}

/** If the error is at most this share of a figure, the figure carries no doubt. */
const maxErrorShare = 0.05
const lateFamilies: ReadonlySet<Metric['family']> = new Set([
  'latency',
  'firstToken',
  'rate',
  'stream',
])

/** The share of a time or a rate that may be the load generator's own delay; 0 if it is small or not known. */
function errorShare({ family }: Metric, { value, timingError }: ErrorSide): number {
  if (value === undefined || timingError === undefined || !lateFamilies.has(family)) return 0
  // A figure of zero is shorter than any delay.
  const share = value === 0 ? Number(timingError.value > 0) : timingError.value / value
  return share > maxErrorShare ? share : 0
}

/** A doubt about a figure of which the load generator's own delay is a large share. */
export function timingErrorDoubts(metric: Metric, figure: ErrorSide): readonly Doubt[] {
  const share = errorShare(metric, figure)
  return share === 0 ? [] : [{ code: 'timingError', details: { timingErrorPercent: share * 100 } }]
}

/** The ids of the figures of a trial that have the doubt `timingError`. */
export function lateFigures(figures: ReadonlyMap<string, TrialFigure>): readonly string[] {
  return [...figures].flatMap(([id, figure]) => {
    const metric = metricById(id)
    return metric === undefined || errorShare(metric, figure) === 0 ? [] : [id]
  })
}

/** P99 of the error of the latency, in ms. */
export function latencyErrorP99(timing: TimingErrors): number {
  return calibratedMs(timing.latency.p99Ms, timing)
}

/** The mean error of the latency, in ms. */
export function latencyErrorMean(timing: TimingErrors): number {
  return calibratedMs(timing.latency.meanMs, timing)
}

function calibratedMs(estimateMs: number, timing: TimingErrors): number {
  return (timing.calibration?.offsetMs ?? 0) + withoutOffset(estimateMs, timing)
}

function withoutOffset(estimateMs: number, { calibration }: TimingErrors): number {
  return (calibration?.factor ?? 1) * estimateMs
}

/** The error of a config's figure: the mean over its trials. `undefined` if a trial has none. */
export function meanTimingError(
  errors: readonly (FigureTimingError | undefined)[],
): FigureTimingError | undefined {
  const known = errors.filter((error) => error !== undefined)
  if (known.length === 0 || known.length < errors.length) return undefined
  return {
    value: known.reduce((sum, { value }) => sum + value, 0) / known.length,
    calibrated: known.every(({ calibrated }) => calibrated),
  }
}

/**
 * The error of the mean of several figures. For a metric compared by ratio, the mean is geometric, and its relative
 * error is the mean of the relative errors. `undefined` if the error of a figure is not known.
 * @param mean the mean of the figures
 */
export function timingErrorOfMean(
  { change }: Metric,
  mean: number,
  figures: readonly ErrorSide[],
): FigureTimingError | undefined {
  if (change === 'difference') return meanTimingError(figures.map(({ timingError }) => timingError))
  const relative = figures.map(({ value, timingError }) =>
    value === undefined || timingError === undefined || value <= 0
      ? undefined
      : { ...timingError, value: timingError.value / value },
  )
  const error = meanTimingError(relative)
  return error && { ...error, value: error.value * mean }
}

/**
 * Widens the interval of a figure to at least ± its timing error. Used where a figure is compared with a bound, which
 * has no error.
 */
export function widenedByFigureError(
  { value, timingError }: ErrorSide,
  interval: Interval,
): Interval {
  if (value === undefined || timingError === undefined) return interval
  const { low, high, confidence } = interval
  return {
    low: Math.min(low, value - timingError.value),
    high: Math.max(high, value + timingError.value),
    confidence,
  }
}

interface ErrorSide {
  readonly value?: number
  readonly timingError?: FigureTimingError
}

/**
 * How much of the difference between two figures the load generator may have caused: the difference of their errors, on
 * the scale of the test. `undefined` if an error is not known.
 */
function timingErrorBetween(
  { change }: Metric,
  from: ErrorSide,
  to: ErrorSide,
): number | undefined {
  const [before, after] = [from, to].map(({ value, timingError }) => {
    if (value === undefined || timingError === undefined) return undefined
    if (change === 'difference') return timingError.value
    return value > 0 ? Math.min(1, timingError.value / value) : undefined
  })
  return before === undefined || after === undefined ? undefined : Math.abs(after - before)
}

interface TestedDifference {
  readonly metric: Metric
  readonly from: ErrorSide
  readonly to: ErrorSide
  readonly interval: (confidence: number) => Estimate | undefined
}

/** Widens the interval of a difference to at least ± the error, because more rounds do not make that error smaller. */
export function widenedByTimingError<Difference extends TestedDifference>(difference: Difference) {
  const { metric, from, to, interval } = difference
  const timingError = timingErrorBetween(metric, from, to)
  if (timingError === undefined || timingError === 0) return difference
  const widened = (confidence: number) => {
    const plain = interval(confidence)
    if (plain === undefined) return undefined
    const { estimate } = plain
    return coveringBoth(plain, {
      estimate,
      low: estimate - timingError,
      high: estimate + timingError,
    })
  }
  return { ...difference, timingError, interval: widened, intervalWithoutTimingError: interval }
}
