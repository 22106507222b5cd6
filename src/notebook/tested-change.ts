/** Tests whether a figure changed between two versions, based on their rounds and on run-to-run variation. */
import type { Mark } from '../analysis/figure.ts'
import { sidesOf } from '../analysis/change.ts'
import { changeOf, markOf } from '../analysis/comparison.ts'
import type { Interval } from '../analysis/figure.ts'
import { defaultBand, defaultFloor } from '../analysis/noise-floor.ts'
import { metricById } from '../metrics/catalog.ts'
import { significant, type LockedConfig } from './lock.ts'
import type { HeadlineFigure } from '../report/report-input.ts'
import type { VersionResults } from './stored-results.ts'

/** The result of the test of a change between two versions. */
export interface Tested {
  /**
   * `better` or `worse` only if the interval excludes 0. Figures of documents have no interval, so their values decide.
   */
  readonly mark: Mark
  /** The 95 % interval of the change, in the unit of the metric's changes. Absent if nothing was tested. */
  readonly interval?: Interval
}

type KeyedConfig = LockedConfig & { readonly key: string }

/**
 * Computes a config's figure from the stored results of both versions, so that both figures have the same definition,
 * and tests the change. Tests nothing if these results are missing, or if both versions use the same run.
 */
export function testedFigure(
  id: string,
  before: KeyedConfig | undefined,
  after: KeyedConfig | undefined,
  results: { readonly from?: VersionResults; readonly to?: VersionResults },
): Tested & { readonly from?: number; readonly to?: number } {
  const metric = metricById(id)
  if (metric === undefined || before === undefined || after === undefined)
    return { mark: 'unknown' }
  if (before.state === 'recorded' && after.state === 'recorded') {
    const [from, to] = [before.figures[id], after.figures[id]]
    if (from === undefined || to === undefined) return { mark: 'unknown' }
    const value = metric.change === 'ratio' ? ((to - from) / from) * 100 : to - from
    const { direction } = metric
    return { mark: markOf({ value, direction, floor: defaultFloor, band: defaultBand }) }
  }
  const [from, to] = [results.from?.get(before.key), results.to?.get(after.key)]
  if (from === undefined || to === undefined || from.run === to.run) return { mark: 'unknown' }
  const sides = sidesOf(id, from, to)
  if (sides?.from.value === undefined || sides.to.value === undefined) return { mark: 'unknown' }
  const { mark, interval } = changeOf(sides, from, to, { hypotheses: [] })
  return {
    from: significant(sides.from.value),
    to: significant(sides.to.value),
    ...(interval === undefined ? { mark: 'unknown' } : { mark, interval }),
  }
}

/**
 * Tests the change of a ratio to the baseline: the half widths of the intervals of both versions are added in
 * quadrature.
 */
export function testedRatio(before: HeadlineFigure, after: HeadlineFigure): Tested {
  if (!before.value || !after.value || !before.interval || !after.interval)
    return { mark: 'unknown' }
  const difference = Math.log(after.value / before.value)
  const down = Math.hypot(
    Math.log(after.value / after.interval.low),
    Math.log(before.interval.high / before.value),
  )
  const up = Math.hypot(
    Math.log(after.interval.high / after.value),
    Math.log(before.value / before.interval.low),
  )
  const inPercent = (log: number) => Math.expm1(log) * 100
  const { confidence } = after.interval
  const interval = {
    low: inPercent(difference - down),
    high: inPercent(difference + up),
    confidence,
  }
  const value = inPercent(difference)
  const direction = metricById(after.metric.replace(/^ratio\./, ''))?.direction ?? 'lower'
  const rules = { direction, floor: defaultFloor, band: defaultBand } as const
  return { mark: markOf({ value, interval, ...rules }), interval }
}
