/** Linear trends in a series of measurements and in groups of points. Pure. */
import { mean, sampleVariance } from 'simple-statistics'
import { studentQuantile } from './distributions.ts'
import { usualPower } from './power.ts'
import { quantileOf, sorted } from './quantile.ts'

/** The total change of a trend from the first to the last value, with its standard error. */
export interface Trend {
  readonly change: number
  readonly error: number
  /** Degrees of freedom of `error`, above 0. */
  readonly degrees: number
}

/**
 * Fits a least-squares line through the medians of consecutive blocks, which single outliers do not move. Neighbouring
 * values may be correlated, so the error assumes the worst case: that the noise is a random walk, whose steps are the
 * differences between neighbouring medians. If k steps have the variance v, the slope of the line has the variance
 * 6/5 · v / k (Durlauf and Phillips, Econometrica 56, 1988). The change is `count` times the slope, and
 * `count` also stands for k, so the change has the variance 6/5 · v · count. For independent values, this error is
 * several times too large. `undefined` for fewer than 4 values.
 * @param values in the order of measurement, evenly spaced
 */
export function seriesTrend(values: Float64Array, blocks = 6): Trend | undefined {
  const count = Math.min(blocks, values.length)
  if (count < 4) return undefined
  const medians = Array.from({ length: count }, (_, block) => {
    const start = Math.floor((values.length * block) / count)
    const end = Math.floor((values.length * (block + 1)) / count)
    return quantileOf(sorted(values.subarray(start, end)), 0.5)
  })
  const steps = medians.slice(1).map((median, index) => median - (medians[index] ?? NaN))
  const { slope } = commonSlope([medians.map((median, index) => [index / count, median])])
  return {
    change: slope,
    error: Math.sqrt(1.2 * count * sampleVariance(steps)),
    degrees: steps.length - 1,
  }
}

/** The mean of at least 2 independent trends, with the standard error that follows from their spread. */
export function meanTrend(changes: readonly number[]): Trend {
  const error = Math.sqrt(sampleVariance([...changes]) / changes.length)
  return { change: mean([...changes]), error, degrees: changes.length - 1 }
}

/** A position and a value. */
export type Point = readonly [x: number, y: number]

/**
 * Fits one slope to several groups of points by least squares; each group has its own intercept. `undefined` if no
 * group has points at two positions, or if there are too few points to estimate an error.
 * @returns the change from the smallest to the largest position
 */
export function commonTrend(groups: readonly (readonly Point[])[]): Trend | undefined {
  const points = groups.flat()
  const degrees = points.length - groups.length - 1
  const { slope, sumOfSquares } = commonSlope(groups)
  if (degrees < 1 || sumOfSquares === 0) return undefined
  const squares = groups
    .flatMap(centrePoints)
    .reduce((sum, [x, y]) => sum + (y - slope * x) ** 2, 0)
  const positions = points.map(([x]) => x)
  const distance = Math.max(...positions) - Math.min(...positions)
  return {
    change: slope * distance,
    error: Math.sqrt(squares / degrees / sumOfSquares) * distance,
    degrees,
  }
}

function commonSlope(groups: readonly (readonly Point[])[]) {
  let [sumOfProducts, sumOfSquares] = [0, 0]
  for (const [x, y] of groups.flatMap(centrePoints)) {
    sumOfProducts += x * y
    sumOfSquares += x * x
  }
  return { slope: sumOfProducts / sumOfSquares, sumOfSquares }
}

function centrePoints(points: readonly Point[]): readonly Point[] {
  const [middleX, middleY] = [mean(points.map(([x]) => x)), mean(points.map(([, y]) => y))]
  return points.map(([x, y]) => [x - middleX, y - middleY])
}

/** True if the trend is not due to chance, at this confidence. */
export function isBeyondChance({ change, error, degrees }: Trend, confidence: number): boolean {
  return Math.abs(change) > studentQuantile((1 + confidence) / 2, degrees) * error
}

/** The smallest trend that would be beyond chance with probability `usualPower`. */
export function detectableTrend({ error, degrees }: Trend, confidence: number): number {
  return (
    (studentQuantile((1 + confidence) / 2, degrees) + studentQuantile(usualPower, degrees)) * error
  )
}
