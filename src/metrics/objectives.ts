/**
 * The objectives of a service (`slo`): which metrics can be one, and which of them a single request meets or misses.
 */
import { type CatalogueMetric, metrics } from './catalog.ts'
import type { MetricFamily } from './metric.ts'

const families: ReadonlySet<MetricFamily> = new Set([
  'rate',
  'latency',
  'firstToken',
  'stream',
  'speed',
  'share',
])

/** The metrics that can be an objective. */
export const objectiveMetrics: readonly CatalogueMetric[] = metrics.filter(
  ({ id, family, appliesTo }) =>
    families.has(family) && appliesTo !== 'slo' && appliesTo !== 'recorded' && id !== 'latencySd',
)

/** True for rates and speeds, of which more is better. A race between settings can seek the most of one. */
export function canBeMaximised({ family, direction }: CatalogueMetric): boolean {
  return direction === 'higher' && (family === 'rate' || family === 'speed')
}

/** The durations of a single request. */
export type RequestSpan =
  'latency' | 'latencyFromSchedule' | 'firstToken' | 'firstOutput' | 'tpot' | 'longestGap'

const prefixes = [
  ['ttft', 'firstToken'],
  ['ttfo', 'firstOutput'],
  ['tpot', 'tpot'],
  ['longestGap', 'longestGap'],
] as const satisfies readonly (readonly [string, RequestSpan])[]

/**
 * The duration of a single request that an objective on this metric bounds. A quantile or a maximum bounds the value of
 * each request, as do the metrics whose id names no statistic. `undefined` for means, which allow single requests
 * beyond the bound, and for rates and shares, which a request does not have.
 */
export function boundedSpan({
  id,
  family,
  quantile,
  isMaximum,
}: CatalogueMetric): RequestSpan | undefined {
  if (family === 'stream' || ((quantile !== undefined || isMaximum) && family === 'firstToken'))
    return prefixes.find(([prefix]) => id.startsWith(prefix))?.[1]
  if (family !== 'latency' || (quantile === undefined && isMaximum !== true)) return undefined
  return id.endsWith('FromSchedule') ? 'latencyFromSchedule' : 'latency'
}
