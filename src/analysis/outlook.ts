/** What a claim's run could have shown, and about how many more rounds or samples would settle it. */
import type { Claim } from '../experiment/experiment.ts'
import type { Metric } from '../metrics/metric.ts'
import { detectableMean, usualPower, valuesNeeded } from '../stats/power.ts'
import { studentQuantile } from '../stats/distributions.ts'
import type { Figure, Interval } from './figure.ts'

/** Share of runs in which a change that is called detectable is seen. */
export const detectablePower = usualPower

export interface Outlook {
  /** The smallest change that would have been seen in `detectablePower` of runs like this: percent, or the metric's unit. */
  readonly detectable: number
  /** Rounds, or samples for scores, beyond those there are, that would probably put the claim on one side; absent where no number would. */
  readonly more?: number
}

interface OpenClaim {
  readonly claim: Claim
  readonly figure: Figure
  readonly n: number
}

/** `undefined` with fewer than 2 values, or where the interval is a point. */
export function outlookOf(
  { claim, figure: { metric }, n }: OpenClaim,
  measured: number,
  interval: Interval,
): Outlook | undefined {
  const scale = scaleOf(claim, metric)
  const half = (scale(interval.high) - scale(interval.low)) / 2
  if (n < 2 || !(half > 0) || !Number.isFinite(half)) return undefined
  const { confidence } = interval
  const deviation = deviationBehind(half, n, confidence)
  // a band is settled by seeing as little as its width, a threshold by seeing the way to it
  const distance =
    claim.kind === 'same'
      ? scale(claim.band) - scale(0)
      : Math.abs(scale(measured) - scale(claim.threshold.value))
  const needed = valuesNeeded(deviation, distance, confidence)
  return {
    detectable: inChange(detectableMean(deviation, n, confidence), metric),
    ...(needed === undefined ? {} : { more: Math.max(1, needed - n) }),
  }
}

/**
 * The smallest change between two configs that would have been seen, in percent or the metric's unit.
 * @param half of the interval on the scale of the test
 */
export function detectableChange(
  metric: Metric,
  half: number,
  n: number,
  confidence: number,
): number | undefined {
  if (n < 2 || !(half > 0)) return undefined
  return inChange(detectableMean(deviationBehind(half, n, confidence), n, confidence), metric)
}

/** The standard deviation that an interval of this half width rests on. */
function deviationBehind(half: number, n: number, confidence: number): number {
  return (half / studentQuantile((1 + confidence) / 2, n - 1)) * Math.sqrt(n)
}

function inChange(size: number, { change }: Metric): number {
  return change === 'ratio' ? Math.expm1(size) * 100 : size
}

/** From the unit of the claim to the scale on which it was tested: logarithms where ratios are compared. */
function scaleOf({ kind }: Claim, { change }: Metric): (value: number) => number {
  if (change === 'difference') return (value) => value
  if (kind === 'value') return Math.log
  if (kind === 'ratio') return (percent) => Math.log(percent / 100)
  return (percent) => Math.log1p(percent / 100)
}
