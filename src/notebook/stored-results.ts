/** Reads the stored results that a report uses, and analyses them. */
import { analyse, type EarlierRuns } from '../analysis/analyse.ts'
import type { Analysis, NoiseFloor } from '../analysis/analysis.ts'
import { measureFloor } from '../analysis/noise-floor.ts'
import { summariseTrial } from '../analysis/summarise-trial.ts'
import type { TrialSummary } from '../analysis/trial-summary.ts'
import type { Experiment } from '../experiment/experiment.ts'
import type { DroppedRun } from '../report/report-input.ts'
import { selectFloor, earlierRuns, type FloorSelection } from '../results/noise-runs.ts'
import { selectResults, type Selection, type WantedConfig } from '../results/selection.ts'
import type { ResultStore, TrialListing } from '../results/store.ts'

export interface StoredResults {
  readonly selection: Selection
  readonly analysis: Analysis
  /** Dropped runs that hold results of this experiment's configs. */
  readonly dropped: readonly DroppedRun[]
  /** The digests of the files of the A/A run that measured the noise floor. */
  readonly floorResults: Readonly<Record<string, string>>
  /** The digests of the files of earlier runs, which show the run-to-run variation. */
  readonly earlierResults: Readonly<Record<string, string>>
  /** The bytes of a file in `results/`; undefined if it does not exist. */
  readonly bytes: (file: string) => Buffer | undefined
}

/**
 * Selects, reads and analyses the stored results. Reads one trial at a time, so that only summaries stay in memory.
 * @param only the files to use, for the results of an earlier version
 */
export async function readResults(
  experiment: Experiment,
  store: ResultStore,
  only?: ReadonlySet<string>,
): Promise<StoredResults> {
  const listings = await store.list()
  const usable = listings.filter(({ file }) => only?.has(file) ?? true)
  const dropped = only ? [] : store.dropped()
  const selection = selectResults(wantedOf(experiment), usable, dropped)
  const trials = new Map<string, readonly TrialSummary[]>()
  for (const [key, selected] of selection.configs)
    trials.set(key, await summaries(store, selected.trials))
  const hosts = new Set([...trials.values()].flat().map(({ header }) => header.host.id))
  const sides = selectFloor(usable, dropped, { hosts, standIn: selection.standIn })
  const floor = sides && hosts.size === 1 ? await readFloor(experiment, store, sides) : undefined
  const earlier = await readEarlierRuns(selection, usable, dropped, store)
  return {
    selection,
    analysis: analyse(experiment, selection, trials, floor?.floor, earlier),
    floorResults: floor?.results ?? {},
    earlierResults: digestsOf([...earlier.values()].flatMap((runs) => [...runs.values()].flat())),
    dropped: selection.notes.flatMap((note) =>
      note.code === 'dropped' ? [{ run: note.run, why: note.why }] : [],
    ),
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
    }))
}

async function summaries(
  store: ResultStore,
  listings: readonly TrialListing[],
): Promise<readonly TrialSummary[]> {
  const found: TrialSummary[] = []
  for (const { file } of listings) found.push(summariseTrial(await store.read(file)))
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
  const sides = { run, config, a: await summaries(store, a), b: await summaries(store, b) }
  const floor = measureFloor(experiment, sides)
  return floor && { floor, results: digestsOf([...sides.a, ...sides.b]) }
}

/** The earlier runs of each config. Empty unless configs come from different runs, because only then are they needed. */
async function readEarlierRuns(
  { configs }: Selection,
  listings: readonly TrialListing[],
  dropped: readonly DroppedRun[],
  store: ResultStore,
): Promise<EarlierRuns> {
  const used = new Set([...configs.values()].flatMap(({ run }) => run ?? []))
  const earlier = new Map<string, ReadonlyMap<string, readonly TrialSummary[]>>()
  if (used.size < 2) return earlier
  for (const [key, selected] of configs) {
    const runs = new Map<string, readonly TrialSummary[]>()
    for (const [run, trials] of earlierRuns(selected, listings, dropped))
      runs.set(run, await summaries(store, trials))
    earlier.set(key, runs)
  }
  return earlier
}

function digestsOf(trials: readonly TrialSummary[]): Readonly<Record<string, string>> {
  return Object.fromEntries(trials.map(({ file, digest }) => [file, digest]))
}
