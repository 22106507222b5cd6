/** The scale on which changes are tested, and the unit in which they are shown. */
import type { Metric } from '../metrics/catalog.ts'
import type { Figure } from './figure.ts'

/**
 * Converts a value to the scale of the test: the logarithm for metrics compared by ratio, `undefined` if the value has
 * none.
 */
export function toTestScale(metric: Metric, value: number): number | undefined {
  if (metric.change === 'difference') return value
  return value > 0 ? Math.log(value) : undefined
}

/** Converts a difference on the scale of the test to a factor, for metrics compared by ratio. */
export function fromTestScale({ change }: Metric, difference: number): number {
  return change === 'ratio' ? Math.exp(difference) : difference
}

/**
 * Converts a percentage to the unit in which the metric changes. Percent and points stay unchanged; for parts of
 * latency, the result is that percentage of the base's mean latency, in ms; for counts, of the base's own figure.
 */
export function inChangeUnit(
  percent: number,
  metric: Metric,
  base: { readonly figures: ReadonlyMap<string, Figure> },
): number {
  if (metric.change === 'ratio' || metric.unit === '%') return percent
  const whole = metric.unit === 'count' ? metric.id : 'latencyMean'
  return (percent / 100) * (base.figures.get(whole)?.value ?? NaN)
}
