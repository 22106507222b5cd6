/**
 * Reads the stored results that a version was made from again, so that two versions can be compared: by their rounds, and
 * by figures of the same method. Never rewrites a lock.
 */
import { analyseConfig } from '../analysis/config-analysis.ts'
import type { ConfigAnalysis } from '../analysis/analysis.ts'
import { summariseTrial } from '../analysis/summarise-trial.ts'
import type { TrialSummary } from '../analysis/trial-summary.ts'
import type { Experiment } from '../experiment/experiment.ts'
import { metricById } from '../metrics/catalog.ts'
import { earlierRuns } from '../results/noise-runs.ts'
import type { ResultStore, TrialListing } from '../results/store.ts'
import { methodOf, significant, digestOf, type Lock, type LockedConfig } from './lock.ts'
import { measuredFigure } from '../analysis/config-figures.ts'

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

/**
 * Makes two versions comparable: if they were made with different methods (see `figureMethod`), recomputes the figures
 * of both with the current one. `recomputed` is false, and the locks are unchanged, if the methods are the same or if some figures cannot be recomputed.
 */
export async function withSameMethod(
  older: Lock,
  now: Lock,
  store: ResultStore,
): Promise<{ readonly older: Lock; readonly now: Lock; readonly recomputed: boolean }> {
  const asStored = { older, now, recomputed: false }
  if (methodOf(older) === methodOf(now)) return asStored
  const [first, second] = [
    await withCurrentMethod(older, store),
    await withCurrentMethod(now, store),
  ]
  return first && second ? { older: first, now: second, recomputed: true } : asStored
}

/** The lock with figures of the current method; undefined if some of its results are missing or were changed. */
async function withCurrentMethod(lock: Lock, store: ResultStore): Promise<Lock | undefined> {
  const configs: Record<string, LockedConfig> = {}
  for (const [key, config] of Object.entries(lock.configs)) {
    const trials = await storedTrials(config, store)
    if (trials === undefined) return undefined
    configs[key] = trials.length === 0 ? config : { ...config, figures: figuresOf(config, trials) }
  }
  return { ...lock, configs }
}

/** The trials of a config; undefined if a file is not the one that the lock names. */
async function storedTrials(
  { results }: LockedConfig,
  store: ResultStore,
): Promise<readonly TrialSummary[] | undefined> {
  const trials: TrialSummary[] = []
  for (const [file, digest] of Object.entries(results)) {
    const bytes = store.bytes(file)
    if (bytes === undefined || digestOf(bytes) !== digest) return undefined
    trials.push(summariseTrial(await store.read(file)))
  }
  return trials.toSorted((one, other) => one.header.round - other.header.round)
}

/** The figures of the metrics in the lock, without those that have no value with the current method. */
function figuresOf(
  { figures }: LockedConfig,
  trials: readonly TrialSummary[],
): LockedConfig['figures'] {
  return Object.fromEntries(
    Object.keys(figures).flatMap((id) => {
      const metric = metricById(id)
      const value = metric && measuredFigure(metric, trials).value
      return value === undefined ? [] : [[id, significant(value)]]
    }),
  )
}
