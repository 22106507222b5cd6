/** What a number of rounds or samples could have shown, and how many a given change would need. */
import { normalQuantile } from './normal.ts'
import { studentQuantile } from './distributions.ts'

/** Share of repetitions in which the change is to be seen, as everywhere in the literature. */
export const usualPower = 0.8

/**
 * The smallest true mean that an interval over `n` values with this standard deviation leaves 0 for with
 * `usualPower`: (t of the interval + t of the power) × standard error. In the values' unit; `n` at least 2.
 */
export function detectableMean(deviation: number, n: number, confidence: number): number {
  const degrees = n - 1
  const reach =
    studentQuantile((1 + confidence) / 2, degrees) + studentQuantile(usualPower, degrees)
  return (reach * deviation) / Math.sqrt(n)
}

/** The fewest values for which `detectableMean` is no more than `size`; `undefined` above `most`. */
export function valuesNeeded(
  deviation: number,
  size: number,
  confidence: number,
  most = 1_000_000,
): number | undefined {
  if (!(size > 0)) return undefined
  const reach = normalQuantile((1 + confidence) / 2) + normalQuantile(usualPower)
  // the normal distribution needs a little less than t does, so the search starts just below
  let n = Math.max(2, Math.floor(((reach * deviation) / size) ** 2))
  while (n <= most && detectableMean(deviation, n, confidence) > size) n += 1
  return n <= most ? n : undefined
}
