/** Finds the earlier runs of a definition, whose spread shows what differs between runs. */
import {
  countedTrials,
  groupBy,
  hasEnded,
  type DroppedReason,
  type SelectedConfig,
} from './selection.ts'
import type { TrialListing } from './store.ts'

/** A run with fewer ended rounds is ignored. */
const minRounds = 3

/**
 * By run id, the ended trials of runs with the config's definition that are older than the one in use, on the same
 * machine and the same kind of engine. Newer runs are left out, so that a run that the report does not use changes
 * nothing in it. Empty if the results in use come from several machines.
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
    ([id, ofRun]) => [id, countedTrials(ofRun).filter(hasEnded)] as const,
  )
  return new Map(runs.filter(([, ended]) => ended.length >= minRounds))
}
