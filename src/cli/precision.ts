import { analyse } from '../analysis/analyse.ts'
import { summariseTrial } from '../analysis/summarise-trial.ts'
import type { TrialSummary } from '../analysis/trial-summary.ts'
import type { Experiment } from '../experiment/experiment.ts'
import { selectResults } from '../results/selection.ts'
import type { ResultStore } from '../results/store.ts'

/**
 * Whether every compared pair of a run is as narrow as `until` asks: half the width of the 95 % interval of the
 * change, in percent. The run's last trial may still lack its end. `false` where an interval is missing.
 */
export async function isPreciseEnough(
  experiment: Experiment,
  store: ResultStore,
  run: string,
  rounds: number,
): Promise<boolean> {
  const { until } = experiment
  if (until === undefined) return false
  const listings = (await store.list()).filter(
    ({ header }) => header.run === run && header.side === undefined,
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
    for (const { file } of selected.trials) summaries.push(summariseTrial(await store.read(file)))
    trials.set(key, summaries.map(asEnded))
  }
  const { comparisons } = analyse(experiment, selection, trials)
  const intervals = comparisons.map(({ changes }) => changes.get(until.metric)?.interval)
  return (
    intervals.length > 0 &&
    intervals.every(
      (interval) => interval !== undefined && (interval.high - interval.low) / 2 <= until.halfWidth,
    )
  )
}

/** The trial that asks has measured all it will; only its end is not written yet. */
function asEnded(summary: TrialSummary): TrialSummary {
  return summary.outcome === 'interrupted' ? { ...summary, outcome: 'ended' } : summary
}
