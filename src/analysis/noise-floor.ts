/** Changes that a config shows against itself: what is no larger is noise, never better or worse. */
import type { Metric } from '../metrics/metric.ts'
import type { ConfigAnalysis } from './analysis.ts'

/** Percent, or points of a share, that a change must exceed where no A/A run has measured it. */
export const defaultFloor = 2
/** Percent, or points of a share, within which two figures are the same for practical purposes. */
export const defaultBand = 5

/** As an A/A run measured it. */
export interface NoiseFloor {
  readonly run: string
  /** Key of the config that was compared with itself. */
  readonly config: string
  /** By metric id, in the unit in which the metric changes: the end of the 95 % interval that is farther from 0. */
  readonly byMetric: ReadonlyMap<string, number>
}

export function floorOf(metric: Metric, base: ConfigAnalysis, floor?: NoiseFloor): number {
  return floor?.byMetric.get(metric.id) ?? inChangeUnit(defaultFloor, metric, base)
}

/** Percent as this metric changes: percent or points as they are, of parts of latency the milliseconds of the base's latency. */
export function inChangeUnit(percent: number, metric: Metric, base: ConfigAnalysis): number {
  if (metric.change === 'ratio' || metric.unit === '%') return percent
  return (percent / 100) * (base.figures.get('latencyMean')?.value ?? NaN)
}
