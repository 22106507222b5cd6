/**
 * Decides whether a run may stop, for experiments with `until`. Only the width of intervals counts, never where they
 * lie, so that stopping does not favour a result.
 */
import type { Experiment, Until } from '../experiment/experiment.ts'
import { belongsToRound } from '../results/runs.ts'
import { selectResults } from '../results/selection.ts'
import type { ResultStore } from '../results/store.ts'
import { analyse } from './analyse.ts'
import type { Analysis } from './analysis.ts'
import type { Figure, Interval } from './figure.ts'
import { summariseTrial } from './summarise-trial.ts'
import type { TrialSummary } from './trial-summary.ts'

/**
 * True if the run is as precise as `until` asks for; false without `until`.
 * @param rounds number of rounds that the run has so far; its last trial may still lack its end
 */
export async function isPreciseEnough(
  experiment: Experiment,
  store: Pick<ResultStore, 'list' | 'read'>,
  run: string,
  rounds: number,
): Promise<boolean> {
  const { until } = experiment
  if (until === undefined) return false
  const listings = (await store.list()).filter(
    (trial) => trial.header.run === run && belongsToRound(trial),
  )
  const wanted = experiment.configs.map(({ key, measurementDigest }) => ({
    key,
    measurementDigest,
    rounds,
  }))
  const selection = selectResults(wanted, listings)
  const trials = new Map<string, readonly TrialSummary[]>()
  for (const [key, selected] of selection.configs) {
    const summaries: TrialSummary[] = []
    for (const { file } of selected.trials)
      summaries.push(summariseTrial(await store.read(file), experiment.objectives))
    trials.set(key, summaries.map(asEnded))
  }
  return precisionOf(until, analyse(experiment, selection, trials)).reached
}

/** Counts an interrupted trial as ended, because the last one has all its requests, but no end record yet. */
function asEnded(summary: TrialSummary): TrialSummary {
  return summary.outcome === 'interrupted' ? { ...summary, outcome: 'ended' } : summary
}

export interface Precision {
  readonly reached: boolean
  /** The widest half width of all pairs in percent (points for shares). Absent if a pair has no interval. */
  readonly halfWidth?: number
}

/**
 * The precision of a metric: the widest interval of its changes, between each config and its base, in each claim, and
 * between the levels of each factor of a grid. If nothing is compared, the widest interval of its figures.
 */
export function precisionOf({ metric, halfWidth }: Until, analysis: Analysis): Precision {
  const changes = [
    ...analysis.comparisons.map(({ changes }) => changes.get(metric)),
    ...analysis.hypotheses.map(({ change }) => (change?.metric.id === metric ? change : undefined)),
    ...(analysis.grid?.effects ?? [])
      .filter((effect) => effect.metric.id === metric)
      .flatMap(({ contrasts }) => contrasts),
  ].filter((change) => change !== undefined)
  const widths =
    changes.length > 0
      ? changes.map(({ interval }) => halfWidthOf(interval))
      : analysis.configs
          .filter(({ config }) => config.kind === 'measured')
          .map(({ figures }) => figureHalfWidth(figures.get(metric)))
  const widest = Math.max(...widths.map((width) => width ?? Infinity))
  if (!Number.isFinite(widest)) return { reached: false }
  return { reached: widest <= halfWidth, halfWidth: widest }
}

function halfWidthOf(interval: Interval | undefined): number | undefined {
  return interval && (interval.high - interval.low) / 2
}

/** In percent of the figure if its metric is compared by ratio, else in its unit. */
function figureHalfWidth(figure: Figure | undefined): number | undefined {
  const half = halfWidthOf(figure?.interval)
  if (half === undefined || figure?.value === undefined) return undefined
  return figure.metric.change === 'ratio' ? (half / figure.value) * 100 : half
}
