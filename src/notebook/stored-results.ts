/** The stored results that a report uses, boiled down to an analysis. */
import { analyse } from '../analysis/analyse.ts'
import type { Analysis } from '../analysis/analysis.ts'
import { summariseTrial } from '../analysis/summarise-trial.ts'
import type { TrialSummary } from '../analysis/trial-summary.ts'
import type { Experiment } from '../experiment/experiment.ts'
import type { DroppedRun } from '../report/report-input.ts'
import { selectResults, type Selection } from '../results/selection.ts'
import type { ResultStore } from '../results/store.ts'

export interface StoredResults {
  readonly selection: Selection
  readonly analysis: Analysis
  /** Runs taken out of use that hold results of this experiment's configs. */
  readonly dropped: readonly DroppedRun[]
  /** Names of all files in `results/` that hold a trial. */
  readonly files: ReadonlySet<string>
}

/**
 * Reads each trial in use once, one at a time, so that only summaries stay in memory.
 * @param only the files to use, where the results of an earlier version are asked for
 */
export async function readResults(
  experiment: Experiment,
  store: ResultStore,
  only?: ReadonlySet<string>,
): Promise<StoredResults> {
  const listings = await store.list()
  const wanted = experiment.configs
    .filter((config) => config.kind === 'measured')
    .map(({ key, measurementDigest }) => ({
      key,
      measurementDigest,
      rounds: experiment.until?.maxRounds ?? experiment.rounds,
      until: experiment.until !== undefined,
    }))
  const selection = only
    ? selectResults(
        wanted,
        listings.filter(({ file }) => only.has(file)),
      )
    : selectResults(wanted, listings, await store.dropped())
  const trials = new Map<string, readonly TrialSummary[]>()
  for (const [key, selected] of selection.configs) {
    const summaries: TrialSummary[] = []
    for (const { file } of selected.trials) summaries.push(summariseTrial(await store.read(file)))
    trials.set(key, summaries)
  }
  return {
    selection,
    analysis: analyse(experiment, selection, trials),
    dropped: selection.notes.flatMap((note) =>
      note.code === 'dropped' ? [{ run: note.run, why: note.why }] : [],
    ),
    files: new Set(listings.map(({ file }) => file)),
  }
}
