/**
 * What differs between two runs of one definition: temperature, other load, the state of the machine. Rounds of two
 * different runs cannot show it, so the interval of their difference is widened by it.
 */
import { sampleVariance } from 'simple-statistics'
import type { Metric } from '../metrics/catalog.ts'
import { normalQuantile, studentQuantile } from '../stats/distributions.ts'
import type { Estimate } from '../stats/interval.ts'
import type { ConfigAnalysis } from './analysis.ts'
import { sum } from './measured-requests.ts'
import { inChangeUnit, toTestScale } from './test-scale.ts'

/** The number of runs of one definition from which their spread is estimated. */
export const minRunsForSpread = 4
/** Percent, or points of a share, by which two runs of one definition may differ, where fewer runs are stored. */
export const assumedRunDifference = 5

export interface BetweenRuns {
  /** The largest difference between two runs of one definition to expect at this confidence, on the scale of the test. */
  readonly half: number
  /** The number of runs of one definition that are stored. */
  readonly runs: number
  /** True if `half` is estimated from their spread; false if they are too few for that. */
  readonly estimated: boolean
}

/**
 * With at least 4 runs of one side's definition: the t quantile times the standard deviation of the difference of two
 * runs, √2 times that of one, pooled over both definitions. Otherwise 5 %, or the largest difference that fewer runs
 * show where that is more.
 */
export function betweenRuns(
  metric: Metric,
  from: ConfigAnalysis,
  to: ConfigAnalysis,
  confidence: number,
): BetweenRuns {
  const definitions = runsByDefinition(from, to)
  const values = definitions.map((runs) =>
    runs.flatMap((figures) => {
      const value = figures.get(metric.id)?.value
      return value === undefined ? [] : (toTestScale(metric, value) ?? [])
    }),
  )
  const runs = Math.max(...values.map(({ length }) => length))
  if (runs >= minRunsForSpread) {
    const several = values.filter(({ length }) => length > 1)
    const degrees = sum(several.map(({ length }) => length - 1))
    const variance = sum(several.map((of) => sampleVariance(of) * (of.length - 1))) / degrees
    const quantile = studentQuantile((1 + confidence) / 2, degrees)
    return { half: quantile * Math.sqrt(2 * variance), runs, estimated: true }
  }
  const percent = inChangeUnit(assumedRunDifference, metric, from)
  const assumed = metric.change === 'ratio' ? Math.log1p(percent / 100) : percent
  const shown = values.map((of) => (of.length < 2 ? 0 : Math.max(...of) - Math.min(...of)))
  // 5 % stands for 95 % confidence
  const stricter = normalQuantile((1 + confidence) / 2) / normalQuantile(0.975)
  return { half: Math.max(assumed, ...shown) * stricter, runs, estimated: false }
}

/**
 * Widens an interval by the difference between runs. An estimated spread is independent of the interval's own error, so
 * that both are added in quadrature; the assumed one is no estimate but a bound, which is added in full. In simulation
 * the first covers 96 to 99 %; the second 96 % where runs differ with a standard deviation of 2 %, and 60 to 80 % where
 * they differ with one of 5 %, which nothing shows before there are 4 runs.
 */
export function widenedBetweenRuns(
  { estimate, low, high }: Estimate,
  { half, estimated }: BetweenRuns,
): Estimate {
  const widened = (own: number) => (estimated ? Math.hypot(own, half) : own + half)
  return {
    estimate,
    low: estimate - widened(estimate - low),
    high: estimate + widened(high - estimate),
  }
}

/**
 * The figures of all runs of each side's definition. Where both sides have the same definition, as two versions of a
 * report may, the two runs are left out: their difference is what is tested.
 */
function runsByDefinition(
  from: ConfigAnalysis,
  to: ConfigAnalysis,
): readonly (readonly ConfigAnalysis['figures'][])[] {
  const isOneDefinition = from.config.measurementDigest === to.config.measurementDigest
  const earlier = ({ earlierRuns = new Map() }: ConfigAnalysis) => earlierRuns
  if (!isOneDefinition) return [from, to].map((side) => [...earlier(side).values(), side.figures])
  const others = new Map([...earlier(from), ...earlier(to)])
  for (const { run } of [from, to]) others.delete(run ?? '')
  return [[...others.values()]]
}
