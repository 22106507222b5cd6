/**
 * Run-to-run variation: two runs of the same definition differ because of temperature, other load and the state of the
 * machine. The rounds within a run do not show this, so a comparison of two different runs gets a wider interval.
 */
import { sampleVariance } from 'simple-statistics'
import type { Metric } from '../metrics/catalog.ts'
import { normalQuantile, studentQuantile } from '../stats/distributions.ts'
import type { Estimate } from '../stats/interval.ts'
import type { ConfigAnalysis } from './analysis.ts'
import { sum } from './measured-requests.ts'
import { inChangeUnit, toTestScale } from './test-scale.ts'

/** With at least this many runs of one definition, the variation is estimated from their spread. */
export const minRunsForSpread = 4
/** The difference between two runs that is assumed if fewer are stored: in percent, or in points for shares. */
export const assumedRunDifference = 5

export interface BetweenRuns {
  /** The largest difference between two runs of one definition at this confidence, on the scale of the test. */
  readonly half: number
  /** The number of runs of one definition that are stored. */
  readonly runs: number
  /**
   * True if `half` is estimated from the spread of these runs; false if there are too few, so that `half` is assumed.
   */
  readonly estimated: boolean
}

/**
 * If a side has at least 4 runs: the t quantile times the standard deviation of the difference between two runs. That
 * is √2 times the standard deviation of one run, which is pooled over both sides. Otherwise 5 %, or the largest
 * difference between the stored runs if that is more.
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
    const variance =
      sum(several.map((figures) => sampleVariance(figures) * (figures.length - 1))) / degrees
    const quantile = studentQuantile((1 + confidence) / 2, degrees)
    return { half: quantile * Math.sqrt(2 * variance), runs, estimated: true }
  }
  const percent = inChangeUnit(assumedRunDifference, metric, from)
  const assumed = metric.change === 'ratio' ? Math.log1p(percent / 100) : percent
  const observed = values.map((figures) =>
    figures.length < 2 ? 0 : Math.max(...figures) - Math.min(...figures),
  )
  // the assumed 5 % belong to a confidence of 95 %
  const stricter = normalQuantile((1 + confidence) / 2) / normalQuantile(0.975)
  return { half: Math.max(assumed, ...observed) * stricter, runs, estimated: false }
}

/**
 * Widens an interval by the run-to-run variation. An estimated variation is independent of the interval's own error, so
 * the two are added in quadrature. An assumed variation is a bound, so it is added in full.
 *
 * In simulations, intervals with an estimated variation contain the true value in 96 to 99 % of cases. Intervals with
 * an assumed variation contain it in 96 % if the standard deviation between runs is 2 %, but only in 60 to 80 % if it
 * is 5 %. Fewer than 4 runs cannot show such a deviation.
 */
export function widenedBetweenRuns(
  { estimate, low, high }: Estimate,
  { half, estimated }: BetweenRuns,
): Estimate {
  const widened = (halfWidth: number) =>
    estimated ? Math.hypot(halfWidth, half) : halfWidth + half
  return {
    estimate,
    low: estimate - widened(estimate - low),
    high: estimate + widened(high - estimate),
  }
}

/**
 * The figures of all runs, for each definition. If both sides have the same definition, which happens for two versions
 * of a report, the two compared runs are left out, because their difference is what is tested.
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
