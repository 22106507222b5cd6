/** Quantiles of what a trial's requests took. */

/**
 * The quantiles of a sample at `shares` (0..1), by linear interpolation between order statistics: Hyndman
 * and Fan's type 7 (The American Statistician 50, 1996), as R and numpy have it by default. All `NaN` for
 * an empty sample; the value itself for one. Leaves `values` as they are.
 */
export function quantiles(
  values: Float64Array | readonly number[],
  shares: readonly number[],
): readonly number[] {
  if (values.length === 0) return shares.map(() => NaN)
  const sorted = Float64Array.from(values).sort()
  return shares.map((share) => {
    const at = (sorted.length - 1) * share
    const [below = NaN, above = NaN] = [sorted[Math.floor(at)], sorted[Math.ceil(at)]]
    return below + (at - Math.floor(at)) * (above - below)
  })
}
