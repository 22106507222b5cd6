/**
 * The additive model of blocks and treatments, value = treatment + block + residual, for a table in which cells may be
 * missing. Input: the values with their block and treatment. Output: the variance of the residuals, and their degrees
 * of freedom.
 */
import { normalQuantile } from './distributions.ts'

export interface BlockValue {
  readonly block: number
  readonly treatment: string
  readonly value: number
}

export interface Residual {
  readonly variance: number
  /** Values minus fitted parameters; 0 if nothing is left to estimate a variance from. */
  readonly degrees: number
}

/** The fit has converged once a sweep subtracts only means below this, in the unit of the values. */
const tolerance = 1e-12
const maxSweeps = 500

/**
 * The variance around the least-squares fit (Scheffé, The Analysis of Variance, 1959, chapter 4.4), found by
 * subtracting the means of treatments and of blocks in turn. It assumes that the table is connected. The table of a
 * race is: all treatments share the first block.
 */
export function residualOf(values: readonly BlockValue[]): Residual {
  const residuals = values.map(({ value }) => value)
  const treatments = groupsOf(values, ({ treatment }) => treatment)
  const blocks = groupsOf(values, ({ block }) => block)
  for (let sweep = 0; sweep < maxSweeps; sweep += 1) {
    const largest = Math.max(subtractMeans(residuals, treatments), subtractMeans(residuals, blocks))
    if (largest < tolerance) break
  }
  const degrees = Math.max(0, values.length - treatments.length - blocks.length + 1)
  const sum = residuals.reduce((total, residual) => total + residual ** 2, 0)
  return { variance: degrees === 0 ? NaN : sum / degrees, degrees }
}

/**
 * The upper confidence bound of the true variance of normal residuals; undefined without degrees of freedom. The
 * quantile of the chi-squared distribution is that of Wilson and Hilferty (The distribution of chi-square, PNAS 17, 1931).
 */
export function upperVariance(
  { variance, degrees }: Residual,
  confidence: number,
): number | undefined {
  if (degrees === 0) return undefined
  const term = 2 / (9 * degrees)
  const quantile = degrees * (1 - term + normalQuantile(1 - confidence) * Math.sqrt(term)) ** 3
  return (variance * degrees) / quantile
}

/** The indices of the values of each group. */
function groupsOf(
  values: readonly BlockValue[],
  keyOf: (value: BlockValue) => string | number,
): readonly (readonly number[])[] {
  const groups = new Map<string | number, number[]>()
  for (const [index, value] of values.entries()) {
    const key = keyOf(value)
    const group = groups.get(key)
    if (group === undefined) groups.set(key, [index])
    else group.push(index)
  }
  return [...groups.values()]
}

/** Subtracts the mean of each group from its values, and returns the largest of these means. */
function subtractMeans(values: number[], groups: readonly (readonly number[])[]): number {
  let largest = 0
  for (const group of groups) {
    const mean = group.reduce((sum, index) => sum + (values[index] ?? NaN), 0) / group.length
    for (const index of group) values[index] = (values[index] ?? NaN) - mean
    largest = Math.max(largest, Math.abs(mean))
  }
  return largest
}
