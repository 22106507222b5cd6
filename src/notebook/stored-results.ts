/**
 * Reads stored results and analyses them: the results that a report uses, or those that an earlier version was made
 * from. The latter make it possible to compare two versions by their rounds, and by figures of the same method. Changes
 * no lock on disk.
 */
import { analyse, type EarlierRuns } from '../analysis/analyse.ts'
import type { Analysis, NoiseFloor, ConfigAnalysis } from '../analysis/analysis.ts'
import { minRounds } from '../analysis/figure-interval.ts'
import { measureFloor } from '../analysis/noise-floor.ts'
import { summariseTrial } from '../analysis/summarise-trial.ts'
import type { TrialSummary } from '../analysis/trial-summary.ts'
import type { Experiment } from '../experiment/experiment.ts'
import type { DroppedRun } from '../report/report-input.ts'
import { machinesOf } from '../results/machines.ts'
import { selectFloor, earlierRuns, type FloorSelection } from '../results/noise-runs.ts'
import { prunedDigests } from '../results/pruned.ts'
import { selectResults, type Selection, type WantedConfig } from '../results/selection.ts'
import { withSearchedLevels } from './searched-levels.ts'
import type { ResultStore, TrialListing } from '../results/store.ts'
import { analyseConfig } from '../analysis/config-analysis.ts'
import { metricById } from '../metrics/catalog.ts'
import { methodOf, significant, digestOf, type Lock, type LockedConfig } from './lock.ts'
import { measuredFigure } from '../analysis/config-figures.ts'

export interface StoredResults {
  /** The analysed experiment. If it has a capacity search, only with the levels that the search chose. */
  readonly experiment: Experiment
  readonly selection: Selection
  readonly analysis: Analysis
  /** Dropped runs that hold results of this experiment's configs. */
  readonly dropped: readonly DroppedRun[]
  /** The digests of the files of the A/A run that measured the noise floor. */
  readonly floorResults: Readonly<Record<string, string>>
  /** The digests of the files of earlier runs, which show the run-to-run variation. */
  readonly earlierResults: Readonly<Record<string, string>>
  /** For each pruned trial, the digest of its file before it was pruned. */
  readonly pruned: ReadonlyMap<string, string>
  /** The bytes of a file in `results/`; undefined if it does not exist. */
  readonly bytes: (file: string) => Buffer | undefined
}

/**
 * Selects, reads and analyses the stored results. Reads one trial at a time, so that only summaries stay in memory.
 * @param only the files to use, if they are the results of an earlier version
 */
export async function readResults(
  current: Experiment,
  store: ResultStore,
  only?: ReadonlySet<string>,
): Promise<StoredResults> {
  const listings = await store.list()
  const usable = listings.filter(({ file }) => only?.has(file) ?? true)
  const dropped = only ? [] : store.dropped()
  const experiment = withSearchedLevels(current, usable, new Set(dropped.map(({ run }) => run)))
  const selection = selectResults(wantedOf(experiment), usable, dropped)
  const trials = new Map<string, readonly TrialSummary[]>()
  for (const [key, selected] of selection.configs)
    trials.set(key, await summaries(store, selected.trials, experiment.objectives))
  const hosts = new Set([...trials.values()].flat().map(({ header }) => machinesOf(header)))
  const sides = selectFloor(usable, dropped, { hosts, standIn: selection.standIn })
  const floor = sides && hosts.size < 2 ? await readFloor(experiment, store, sides) : undefined
  const earlier = comparesRuns(experiment, selection)
    ? await readEarlierRuns(selection, usable, dropped, store, experiment.objectives)
    : new Map<string, never>()
  return {
    experiment,
    selection,
    analysis: analyse(experiment, selection, trials, floor?.floor, earlier),
    floorResults: floor?.results ?? {},
    earlierResults: digestsOf([...earlier.values()].flatMap((runs) => [...runs.values()].flat())),
    dropped: selection.notes.flatMap((note) =>
      note.code === 'dropped' ? [{ run: note.run, why: note.why }] : [],
    ),
    pruned: prunedDigests(listings),
    bytes: (file) => store.bytes(file),
  }
}

function wantedOf(experiment: Experiment): readonly WantedConfig[] {
  return experiment.configs
    .filter((config) => config.kind === 'measured')
    .map(({ key, measurementDigest }) => ({
      key,
      measurementDigest,
      rounds: experiment.until?.maxRounds ?? experiment.rounds,
      until: experiment.until !== undefined,
      races: experiment.tuning !== undefined,
    }))
}

async function summaries(
  store: ResultStore,
  listings: readonly TrialListing[],
  objectives: Experiment['objectives'],
): Promise<readonly TrialSummary[]> {
  const found: TrialSummary[] = []
  for (const { file } of listings) found.push(summariseTrial(await store.read(file), objectives))
  return found
}

/** The noise floor that an A/A run measured, and the digests of its files. */
async function readFloor(
  experiment: Experiment,
  store: ResultStore,
  { run, config, a, b }: FloorSelection,
): Promise<
  { readonly floor: NoiseFloor; readonly results: Readonly<Record<string, string>> } | undefined
> {
  const { objectives } = experiment
  const sides = {
    run,
    config,
    a: await summaries(store, a, objectives),
    b: await summaries(store, b, objectives),
  }
  const floor = measureFloor(experiment, sides)
  return floor && { floor, results: digestsOf([...sides.a, ...sides.b]) }
}

/**
 * True if earlier runs are needed: if configs come from different runs, or if a document gives several runs that can be
 * tested.
 */
function comparesRuns({ configs }: Experiment, selection: Selection): boolean {
  const used = new Set([...selection.configs.values()].flatMap(({ run }) => run ?? []))
  const documents = configs.filter((config) => config.kind === 'recorded')
  const hasRuns = documents.some(({ figures }) =>
    figures.some(({ runs, spread }) => (runs?.length ?? spread?.runs ?? 0) >= minRounds),
  )
  return used.size > 1 || hasRuns
}

/** The earlier runs of each config. */
async function readEarlierRuns(
  { configs }: Selection,
  listings: readonly TrialListing[],
  dropped: readonly DroppedRun[],
  store: ResultStore,
  objectives: Experiment['objectives'],
): Promise<EarlierRuns> {
  const earlier = new Map<string, ReadonlyMap<string, readonly TrialSummary[]>>()
  for (const [key, selected] of configs) {
    const runs = new Map<string, readonly TrialSummary[]>()
    for (const [run, trials] of earlierRuns(selected, listings, dropped))
      runs.set(run, await summaries(store, trials, objectives))
    earlier.set(key, runs)
  }
  return earlier
}

function digestsOf(trials: readonly TrialSummary[]): Readonly<Record<string, string>> {
  return Object.fromEntries(trials.map(({ file, digest }) => [file, digest]))
}

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
  const results = new Map<string, ConfigAnalysis>()
  if (experiment === undefined) return results
  const { objectives } = experiment
  for (const [key, locked] of Object.entries(lock.configs)) {
    const selected = listings.filter(({ file }) => file in locked.results)
    const trials = await summaries(store, selected, objectives)
    if (!isMadeFrom(locked, trials)) continue
    const earlier = new Map<string, readonly TrialSummary[]>()
    const { run } = locked
    const inUse = { ...(run === undefined ? {} : { run }), trials: selected }
    for (const [id, trialsOfRun] of earlierRuns(inUse, listings, dropped))
      earlier.set(id, await summaries(store, trialsOfRun, objectives))
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

/** True if these are all trials that the config of a lock was made from, unchanged. */
export function isMadeFrom(
  { results }: Pick<LockedConfig, 'results'>,
  trials: readonly Pick<TrialSummary, 'file' | 'digest'>[],
): boolean {
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
 * Makes two versions comparable: if their figures were computed with different methods (see `figureMethod`), recomputes
 * the figures of both with the current method. If the methods are the same, or if some figures cannot be recomputed,
 * the locks stay unchanged and `recomputed` is false.
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
    Object.entries(figures).flatMap(([id, stored]) => {
      const metric = metricById(id)
      // Cannot be recomputed: it depends on the objectives in the file of that time.
      if (metric?.appliesTo === 'slo') return [[id, stored]]
      const value = metric && measuredFigure(metric, trials).value
      return value === undefined ? [] : [[id, significant(value)]]
    }),
  )
}
