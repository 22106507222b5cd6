/**
 * Quantiles by linear interpolation between order statistics: type 7 of Hyndman and Fan (The American Statistician
 * 50, 1996), the default of R and numpy.
 */

/** A copy of the values in ascending order. */
export function sorted(values: Float64Array | readonly number[]): Float64Array {
  return Float64Array.from(values).sort()
}

/**
 * The quantile of a sample at `share` (0..1). `NaN` for an empty sample, the value itself for one.
 * @param ascending the sample in ascending order
 */
export function quantileOf(ascending: Float64Array, share: number): number {
  const at = (ascending.length - 1) * share
  const [below = NaN, above = NaN] = [ascending[Math.floor(at)], ascending[Math.ceil(at)]]
  return below + (at - Math.floor(at)) * (above - below)
}
