/** Finds a value that lies too far from the others to be chance. Pure. */
import { mean, sampleStandardDeviation } from 'simple-statistics'
import { studentCdf } from './distributions.ts'

/** Differences up to this size are rounding errors. */
const resolution = 1e-9

/**
 * The index of the value that lies farthest from the others, if a set of independent normal values has one so far out
 * with a probability of at most `chance`: the largest externally studentised residual, tested against Student's t with
 * Bonferroni's correction for the number of values (Grubbs, Technometrics 11, 1969). `undefined` otherwise, and for
 * fewer than 4 values. Two such values hide each other.
 */
export function outlierIndex(values: readonly number[], chance: number): number | undefined {
  const { length } = values
  if (length < 4) return undefined
  const probabilities = values.map((value, index) => {
    const others = values.filter((_, other) => other !== index)
    const distance = Math.abs(value - mean(others))
    if (distance <= resolution) return 1
    const t = distance / (sampleStandardDeviation(others) * Math.sqrt(1 + 1 / others.length))
    return 2 * (1 - studentCdf(t, others.length - 1))
  })
  const least = Math.min(...probabilities)
  return least <= chance / length ? probabilities.indexOf(least) : undefined
}
