/** The smallest change that a number of rounds or samples can show, and the number needed to show a change. */
import { normalQuantile, studentQuantile } from './distributions.ts'

/** The probability that a run shows a change of the detectable size; 80 % is the convention. */
export const usualPower = 0.8

/** Degrees of freedom of a test over `n` values. */
export type Degrees = (n: number) => number

/** The degrees of freedom of a test that estimates only a mean. */
export const degreesOfMean: Degrees = (n) => n - 1

/**
 * The smallest true mean for which an interval over `n` values with this standard deviation excludes 0 with
 * probability `usualPower`: (t of the interval + t of the power) × standard error. In the unit of the values; `n` is at
 * least 2.
 */
export function detectableMean(
  deviation: number,
  n: number,
  confidence: number,
  degreesOf: Degrees = degreesOfMean,
): number {
  const degrees = degreesOf(n)
  const sizeInStandardErrors =
    studentQuantile((1 + confidence) / 2, degrees) + studentQuantile(usualPower, degrees)
  return (sizeInStandardErrors * deviation) / Math.sqrt(n)
}

/**
 * The 80 % interval of a standard deviation: the estimate times the root of degrees / χ². The quantiles of χ² are those
 * of Wilson and Hilferty (PNAS 17, 1931), exact to 4 % with at least 2 degrees of freedom.
 */
export function deviationRange(
  deviation: number,
  degrees: number,
): readonly [low: number, high: number] {
  const chiSquarePerDegree = (p: number) => {
    const variance = 2 / (9 * degrees)
    return Math.max(0, 1 - variance + normalQuantile(p) * Math.sqrt(variance)) ** 3
  }
  return [
    deviation / Math.sqrt(chiSquarePerDegree(0.9)),
    deviation / Math.sqrt(chiSquarePerDegree(0.1)),
  ]
}

/**
 * The smallest number of values for which `detectableMean` is at most `size`; `undefined` if it is larger than `max`.
 */
export function valuesNeeded(
  deviation: number,
  size: number,
  confidence: number,
  degreesOf: Degrees = degreesOfMean,
  max = 1_000_000,
): number | undefined {
  if (!(size > 0)) return undefined
  const sizeInStandardErrors = normalQuantile((1 + confidence) / 2) + normalQuantile(usualPower)
  // The search starts at the number of the normal approximation, which is slightly too small.
  let n = Math.max(2, Math.floor(((sizeInStandardErrors * deviation) / size) ** 2))
  while (n <= max && detectableMean(deviation, n, confidence, degreesOf) > size) n += 1
  return n <= max ? n : undefined
}
