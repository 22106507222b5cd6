/** Finds earlier runs of a config. Their spread shows the run-to-run variation. */
import {
  countedTrials,
  groupBy,
  hasEnded,
  type DroppedReason,
  type SelectedConfig,
} from './selection.ts'
import type { TrialListing } from './store.ts'

/** Runs with fewer ended rounds are ignored. */
const minRounds = 3

/**
 * Finds the runs that measured the same definition before the run in use, on the same machine and the same kind of
 * engine. Leaves out newer runs: a report must not change because of a run that it does not use.
 * @returns the ended trials of each run, by run id; empty if the results in use come from several machines
 */
export function earlierRuns(
  { run, trials }: Pick<SelectedConfig, 'run' | 'trials'>,
  listings: readonly TrialListing[],
  dropped: readonly DroppedReason[],
): ReadonlyMap<string, readonly TrialListing[]> {
  const excluded = new Set(dropped.map(({ run: id }) => id))
  const hosts = new Set(trials.map(({ header }) => header.host.id))
  const [first] = trials
  if (run === undefined || first === undefined || hosts.size > 1) return new Map()
  const candidates = listings.filter(
    ({ header }) =>
      header.measurementDigest === first.header.measurementDigest &&
      header.side === undefined &&
      header.run < run &&
      !excluded.has(header.run) &&
      hosts.has(header.host.id) &&
      header.target.standIn === first.header.target.standIn,
  )
  const runs = [...groupBy(candidates, ({ header }) => header.run)].map(
    ([id, trialsOfRun]) => [id, countedTrials(trialsOfRun).filter(hasEnded)] as const,
  )
  return new Map(runs.filter(([, ended]) => ended.length >= minRounds))
}
