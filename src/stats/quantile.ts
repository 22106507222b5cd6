/**
 * Quantiles by linear interpolation between order statistics: type 7 of Hyndman and Fan (The American Statistician
 * 50, 1996), the default of R and numpy.
 */

/** A copy of the values in ascending order. */
export function sorted(values: Float64Array | readonly number[]): Float64Array {
  return Float64Array.from(values).sort()
}

/**
 * The quantile of a sample at `share` (0..1). For one value it is that value; for none, `NaN`.
 * @param ascending the sample in ascending order
 */
export function quantileOf(ascending: Float64Array, share: number): number {
  const position = (ascending.length - 1) * share
  const [below = NaN, above = NaN] = [
    ascending[Math.floor(position)],
    ascending[Math.ceil(position)],
  ]
  return below + (position - Math.floor(position)) * (above - below)
}

/** A sample of one trial's values. Each value represents `weight` requests. */
export interface WeightedSample {
  readonly ascending: Float64Array
  readonly weight: number
}

/** The values, or `max` evenly spaced quantiles of them if there are more values. */
export function thinned(ascending: Float64Array, max: number): Float64Array {
  if (ascending.length <= max) return ascending
  return Float64Array.from({ length: max }, (_, index) => quantileOf(ascending, index / (max - 1)))
}

/**
 * The quantile of all samples together, and the quantiles that leave out one sample at a time. Equals `quantileOf` if
 * every weight is 1. `NaN` if no value is left.
 */
export function pooledQuantiles(
  samples: readonly WeightedSample[],
  share: number,
): { readonly pooled: number; readonly leavingOneOut: readonly number[] } {
  const values = samples
    .flatMap(({ ascending, weight }, sample) =>
      Array.from(ascending, (value) => ({ value, weight, sample })),
    )
    .sort((one, other) => one.value - other.value)
  const total = values.reduce((sum, { weight }) => sum + weight, 0)
  const quantileWithout = (omitted: number) => {
    const omittedSample = samples[omitted]
    const remaining =
      total -
      (omittedSample === undefined ? 0 : omittedSample.ascending.length * omittedSample.weight)
    const target = (remaining - 1) * share
    let [weightBefore, previousValue, fraction] = [0, NaN, NaN]
    for (const { value, weight, sample } of values) {
      if (sample === omitted) continue
      if (!Number.isNaN(fraction)) return previousValue + fraction * (value - previousValue)
      if (target < weightBefore + weight) fraction = (target - weightBefore) / weight
      weightBefore += weight
      previousValue = value
    }
    return previousValue
  }
  return {
    pooled: quantileWithout(-1),
    leavingOneOut: samples.map((_, index) => quantileWithout(index)),
  }
}
