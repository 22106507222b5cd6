/**
 * The objectives of a service (`slo`): which metrics can be an objective, and which objectives a single request can
 * miss.
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

/** True for a metric that a race between settings can maximise: a rate or a speed of which more is better. */
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
 * The duration of a single request that an objective on this metric bounds: a request that exceeds the bound misses the
 * objective. Defined for quantiles and maxima of latencies and of times to the first token, for `tpot` and for
 * `longestGap`. `undefined` for all other metrics: a mean allows single requests beyond the bound, and a single request
 * has no rate and no share.
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
