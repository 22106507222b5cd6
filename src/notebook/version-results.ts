/** Analyses the stored results that a version was made from, so that two versions can be compared by their rounds. */
import { analyseConfig } from '../analysis/config-analysis.ts'
import type { ConfigAnalysis } from '../analysis/analysis.ts'
import { summariseTrial } from '../analysis/summarise-trial.ts'
import type { TrialSummary } from '../analysis/trial-summary.ts'
import type { Experiment } from '../experiment/experiment.ts'
import { metricById } from '../metrics/catalog.ts'
import { earlierRuns } from '../results/run-history.ts'
import type { ResultStore, TrialListing } from '../results/store.ts'
import type { Lock, LockedConfig } from './lock.ts'

/** The measured configs of a version whose stored results are complete and unchanged, by key. */
export type VersionResults = ReadonlyMap<string, ConfigAnalysis>

/**
 * Analyses the configs of a version from its stored results.
 * @param experiment the current file, if it is valid; a version's figures depend only on its trials
 */
export async function readVersionResults(
  experiment: Experiment | undefined,
  lock: Lock,
  store: ResultStore,
): Promise<VersionResults> {
  const listings = await store.list()
  const dropped = store.dropped()
  const read = async (stored: readonly TrialListing[]): Promise<readonly TrialSummary[]> => {
    const trials: TrialSummary[] = []
    for (const { file } of stored) trials.push(summariseTrial(await store.read(file)))
    return trials
  }
  const results = new Map<string, ConfigAnalysis>()
  if (experiment === undefined) return results
  for (const [key, locked] of Object.entries(lock.configs)) {
    const selected = listings.filter(({ file }) => file in locked.results)
    const trials = await read(selected)
    if (!isComplete(locked, trials)) continue
    const earlier = new Map<string, readonly TrialSummary[]>()
    const { run } = locked
    const inUse = { ...(run === undefined ? {} : { run }), trials: selected }
    for (const [id, trialsOfRun] of earlierRuns(inUse, listings, dropped))
      earlier.set(id, await read(trialsOfRun))
    const config = configLike(experiment, key, locked)
    if (config === undefined) continue
    const metrics = [...new Set(['latencyMean', ...Object.keys(locked.figures)])].flatMap(
      (id) => metricById(id) ?? [],
    )
    const planned = trials.length
    results.set(key, analyseConfig(config, { run, trials, planned, earlier }, metrics))
  }
  return results
}

function isComplete({ results }: LockedConfig, trials: readonly TrialSummary[]): boolean {
  const files = Object.keys(results)
  return (
    files.length > 0 &&
    trials.length === files.length &&
    trials.every(({ file, digest }) => results[file] === digest)
  )
}

/** A measured config of the file, with the key and the digest that the version's config had. */
function configLike({ configs }: Experiment, key: string, { measurementDigest }: LockedConfig) {
  const measured = configs.filter((config) => config.kind === 'measured')
  const config = measured.find((each) => each.key === key) ?? measured[0]
  return config && { ...config, key, measurementDigest }
}
