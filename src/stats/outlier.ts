/** Finds a value that lies too far from the others to be chance. Pure. */
import { mean, sampleStandardDeviation } from 'simple-statistics'
import { studentCdf } from './distributions.ts'

/** Differences up to this size are rounding errors. */
const resolution = 1e-9

/**
 * Returns the index of the outlier: the value with the largest externally studentised residual, if it is significant by
 * a t test (Grubbs, Technometrics 11, 1969). The test is corrected for the number of values (Bonferroni). Returns
 * `undefined` without an outlier and for fewer than 4 values. Two similar outliers hide each other: neither is found.
 * @param alpha the significance level: the probability of an outlier among independent normal values
 */
export function outlierIndex(values: readonly number[], alpha: number): number | undefined {
  const { length } = values
  if (length < 4) return undefined
  const probabilities = values.map((value, index) => {
    const others = values.filter((_, other) => other !== index)
    const distance = Math.abs(value - mean(others))
    if (distance <= resolution) return 1
    const t = distance / (sampleStandardDeviation(others) * Math.sqrt(1 + 1 / others.length))
    return 2 * (1 - studentCdf(t, others.length - 1))
  })
  const smallest = Math.min(...probabilities)
  return smallest <= alpha / length ? probabilities.indexOf(smallest) : undefined
}
