/** Changes that a config shows against itself: what is no larger is noise, never better or worse. */
import type { Metric } from '../metrics/metric.ts'
import type { Experiment } from '../experiment/experiment.ts'
import type { ConfigAnalysis } from './analysis.ts'
import { applicableMetrics } from './applicable-metrics.ts'
import { changeInterval, sidesOf } from './change.ts'
import { analyseConfig } from './config-analysis.ts'
import { tableConfidence } from './config-figures.ts'
import type { TrialSummary } from './trial-summary.ts'

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

/** Trials of an A/A run: one config measured as if it were two. */
export interface SelfComparison {
  readonly run: string
  readonly config: string
  readonly a: readonly TrialSummary[]
  readonly b: readonly TrialSummary[]
}

/** For each metric that has an interval; `undefined` where the experiment has no config to measure it by. */
export function measureFloor(
  experiment: Experiment,
  { run, config: key, a, b }: SelfComparison,
): NoiseFloor | undefined {
  const measured = experiment.configs.filter((config) => config.kind === 'measured')
  // what it is called now does not matter: both sides are of the same trials' making
  const config = measured.find((each) => each.key === key) ?? measured[0]
  if (config === undefined) return undefined
  const metrics = applicableMetrics(experiment)
  const [from, to] = [a, b].map((trials) =>
    analyseConfig(config, { run, trials, planned: trials.length }, metrics),
  )
  if (from === undefined || to === undefined) return undefined
  const floors = metrics.flatMap(({ id }) => {
    const sides = sidesOf(id, from, to)
    const interval = sides && changeInterval(sides, tableConfidence)
    return interval === undefined
      ? []
      : [[id, Math.max(Math.abs(interval.low), Math.abs(interval.high))] as const]
  })
  return { run, config: key, byMetric: new Map(floors) }
}
