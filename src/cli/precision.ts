import { analyse } from '../analysis/analyse.ts'
import { precisionOf } from '../analysis/precision.ts'
import { summariseTrial } from '../analysis/summarise-trial.ts'
import type { TrialSummary } from '../analysis/trial-summary.ts'
import type { Experiment } from '../experiment/experiment.ts'
import { selectResults } from '../results/selection.ts'
import type { ResultStore } from '../results/store.ts'

/** Whether a run is as precise as `until` asks. Its last trial may still lack its end. */
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
  return precisionOf(until, analyse(experiment, selection, trials)).reached
}

/** The trial that asks has measured all it will; only its end is not written yet. */
function asEnded(summary: TrialSummary): TrialSummary {
  return summary.outcome === 'interrupted' ? { ...summary, outcome: 'ended' } : summary
}
