/** The smallest change that a run could have shown, and how many more rounds or samples would decide a claim. */
import type { Claim } from '../experiment/experiment.ts'
import type { Metric } from '../metrics/catalog.ts'
import {
  detectableMean,
  deviationRange,
  usualPower,
  valuesNeeded,
  type Degrees,
} from '../stats/power.ts'
import { normalQuantile, studentQuantile } from '../stats/distributions.ts'
import type { Figure, Interval } from './figure.ts'

export interface Outlook {
  /**
   * The smallest change that a run like this would show with probability `detectablePower`, in percent or in the
   * metric's unit.
   */
  readonly detectable: number
  /**
   * How many additional rounds (for scores: samples) would probably decide the claim. The range comes from both ends of
   * the 80 % interval of the spread. Absent if no number of rounds would decide it. `least` is at most `maxAdditional`.
   * `most` is absent if it is larger than that.
   */
  readonly additional?: { readonly least: number; readonly most?: number }
  /**
   * Mean duration of a round of the run, in ms. Absent if `additional` counts samples, or if the duration is not known.
   */
  readonly roundMs?: number
}

/** The share of runs that show a change of the detectable size. */
export const detectablePower = usualPower

/** If there are fewer rounds, the spread is so uncertain that the smallest detectable change is a rough estimate. */
export const minRoundsForOutlook = 6

/** The largest numbers of additional rounds and samples that an outlook names. */
export const maxAdditional = { rounds: 100, samples: 1000 } as const

interface OpenClaim {
  readonly claim: Claim
  readonly figure: Figure
  /** Rounds or samples that the interval is based on. */
  readonly n: number
  readonly degrees: Degrees
  /**
   * The noise floor: smaller changes are never detectable. In the unit of the claim; 0 for a claim about one config.
   */
  readonly floor: number
}

/** `undefined` with fewer than 2 values, or if the interval is a point. */
export function outlookOf(
  { claim, figure: { metric }, n, degrees, floor }: OpenClaim,
  measured: number,
  interval: Interval,
): Outlook | undefined {
  const scale = scaleOf(claim, metric)
  const half = (scale(interval.high) - scale(interval.low)) / 2
  if (n < 2 || !(half > 0) || !Number.isFinite(half)) return undefined
  const { confidence } = interval
  const deviation = deviationBehind(half, n, confidence, degrees)
  // A `same` claim needs a detectable change of at most its band; a threshold claim, of at most the distance to it.
  const distance =
    claim.kind === 'same'
      ? scale(claim.band) - scale(0)
      : Math.abs(scale(measured) - scale(claim.threshold.value))
  const cap = maxAdditional[metric.family === 'score' ? 'samples' : 'rounds']
  const minSamples = metric.family === 'score' ? samplesNeeded(distance / 100, confidence) : 0
  const [least, most] = deviationRange(deviation, degrees(n)).map((spread) => {
    const needed = valuesNeeded(spread, distance, confidence, degrees, n + cap)
    const more = Math.max(1, minSamples - n, (needed ?? Infinity) - n)
    return more <= cap ? more : undefined
  })
  const detectable = toShownChange(detectableMean(deviation, n, confidence, degrees), metric)
  return {
    detectable: Math.max(detectable, floor),
    ...(distance > 0
      ? { additional: { least: least ?? cap, ...(most === undefined ? {} : { most }) } }
      : {}),
  }
}

/**
 * The number of samples that a score needs for an interval (Wilson's or Newcombe's) of at most this half width, even if
 * all samples agree. Fewer samples cannot decide a claim.
 */
function samplesNeeded(half: number, confidence: number): number {
  const z = normalQuantile((1 + confidence) / 2)
  return half > 0 ? Math.ceil((z * z * (1 - half)) / half) : 0
}

/**
 * The smallest change between two configs that the run would probably have shown, in percent or the metric's unit.
 * @param half half the width of the interval, on the scale of the test
 */
export function detectableChange(
  metric: Metric,
  half: number,
  n: number,
  confidence: number,
  degrees: Degrees,
): number | undefined {
  if (n < 2 || !(half > 0)) return undefined
  const deviation = deviationBehind(half, n, confidence, degrees)
  return toShownChange(detectableMean(deviation, n, confidence, degrees), metric)
}

/** The standard deviation of `n` values whose interval has this half width. */
function deviationBehind(half: number, n: number, confidence: number, degrees: Degrees): number {
  return (half / studentQuantile((1 + confidence) / 2, degrees(n))) * Math.sqrt(n)
}

/** Converts a change from the scale of the test to percent or the metric's unit. */
function toShownChange(size: number, { change }: Metric): number {
  return change === 'ratio' ? Math.expm1(size) * 100 : size
}

/**
 * Returns the conversion from the unit of the claim to the scale of the test: logarithms for metrics compared by ratio.
 */
function scaleOf({ kind }: Claim, { change }: Metric): (value: number) => number {
  if (change === 'difference') return (value) => value
  if (kind === 'value') return Math.log
  if (kind === 'ratio') return (percent) => Math.log(percent / 100)
  return (percent) => Math.log1p(percent / 100)
}
