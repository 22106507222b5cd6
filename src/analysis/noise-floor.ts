/**
 * The noise floor: the change that a config shows against itself. A change within the floor is never better or worse.
 */
import type { Experiment } from '../experiment/experiment.ts'
import type { Metric } from '../metrics/catalog.ts'
import type { ConfigAnalysis, NoiseFloor } from './analysis.ts'
import { applicableMetrics, tableConfidence } from './config-figures.ts'
import { changeInterval, sidesOf } from './change.ts'
import { analyseConfig } from './config-analysis.ts'
import { inChangeUnit } from './test-scale.ts'
import type { TrialSummary } from './trial-summary.ts'

/** The floor that applies unless an A/A run raised it: percent, or points of a share. */
export const defaultFloor = 2
/** Percent, or points of a share, within which two figures are the same for practical purposes. */
export const defaultBand = 5

/** The floor of a metric, in the unit in which it changes. */
export function floorOf(metric: Metric, base: ConfigAnalysis, floor?: NoiseFloor): number {
  return Math.max(floor?.byMetric.get(metric.id) ?? 0, inChangeUnit(defaultFloor, metric, base))
}

/** Trials of an A/A run: one config measured as if it were two. */
export interface SelfComparison {
  readonly run: string
  /** Key that the config had in that run. */
  readonly config: string
  readonly a: readonly TrialSummary[]
  readonly b: readonly TrialSummary[]
}

/**
 * The floors that the A/A run raises; `undefined` if the experiment measures no config. A metric's floor is raised only
 * if the interval of its difference excludes 0. The new floor is the end of the interval that is nearer to 0: the run
 * proves a systematic difference of at least this size. A larger difference may be chance, which the intervals of
 * comparisons include already.
 */
export function measureFloor(
  experiment: Experiment,
  { run, config: key, a, b }: SelfComparison,
): NoiseFloor | undefined {
  const measured = experiment.configs.filter((config) => config.kind === 'measured')
  // If the config was renamed or removed, use any other: the figures depend on the trials only.
  const config = measured.find((each) => each.key === key) ?? measured[0]
  if (config === undefined) return undefined
  const metrics = applicableMetrics(experiment)
  const [from, to] = [a, b].map((trials) =>
    analyseConfig(config, { run, trials, planned: trials.length }, metrics),
  )
  if (from === undefined || to === undefined) return undefined
  const floors = metrics.flatMap((metric) => {
    const sides = sidesOf(metric.id, from, to)
    const interval = sides && changeInterval(sides, tableConfidence)
    const proven = interval === undefined ? 0 : Math.max(interval.low, -interval.high)
    return proven > inChangeUnit(defaultFloor, metric, from) ? [[metric.id, proven] as const] : []
  })
  return { run, config: key, byMetric: new Map(floors) }
}
