/**
 * Selects the runs that show noise: the A/A run that measures the noise floor, and earlier runs of a config, whose
 * spread shows the run-to-run variation. No figure of the report includes their trials.
 */
import { machinesOf } from './machines.ts'
import { isPruned } from './pruned.ts'
import { runOrder } from './runs.ts'
import {
  countedTrials,
  groupBy,
  hasEnded,
  type DroppedReason,
  type SelectedConfig,
} from './selection.ts'
import type { TrialListing } from './store.ts'

/**
 * An A/A run: one config measured against itself, so that every difference between its two sides is noise. Its trials
 * belong to no config.
 */
export interface FloorSelection {
  readonly run: string
  /** The key that the config had when it was measured against itself. */
  readonly config: string
  /** One ended trial per round, ordered by round. */
  readonly a: readonly TrialListing[]
  readonly b: readonly TrialListing[]
}

/** Where an A/A run must have been measured to be valid for the report's results. */
export interface FloorConditions {
  /**
   * The machines (`machinesOf`) of the report's results. If there are no results, it is empty and accepts any machine.
   */
  readonly hosts: ReadonlySet<string>
  /** True if the report's results come from the embedded engine, whose noise differs from that of a real target. */
  readonly standIn: boolean
}

/**
 * A confidence interval needs three rounds, and a noise floor needs a confidence interval. Shorter runs are ignored.
 */
const minRounds = 3

/** The newest A/A run that meets the conditions and in which both sides ended in at least three rounds, if any. */
export function selectFloor(
  listings: readonly TrialListing[],
  dropped: readonly DroppedReason[],
  { hosts, standIn }: FloorConditions,
): FloorSelection | undefined {
  const droppedRuns = new Set(dropped.map(({ run }) => run))
  const candidates = listings.filter(
    ({ header }) =>
      header.side !== undefined &&
      !isPruned({ header }) &&
      !droppedRuns.has(header.run) &&
      (hosts.size === 0 || hosts.has(machinesOf(header))) &&
      header.target.standIn === standIn,
  )
  const runs = groupBy(candidates, ({ header }) => header.run)
  const { compare } = runOrder(listings)
  const newestFirst = [...runs].sort(([one], [other]) => compare(other, one))
  return newestFirst
    .flatMap(([run, trials]) => floorOf(run, trials) ?? [])
    .find(({ a, b }) => {
      const rounds = new Set(a.map(({ header }) => header.round))
      return b.filter(({ header }) => rounds.has(header.round)).length >= minRounds
    })
}

function floorOf(run: string, trials: readonly TrialListing[]): FloorSelection | undefined {
  const side = (name: 'a' | 'b') =>
    countedTrials(trials.filter(({ header }) => header.side === name)).filter(hasEnded)
  const [first] = trials
  return first && { run, config: first.header.config, a: side('a'), b: side('b') }
}

/**
 * The earlier runs of a config: they measured the same definition on the same machine and the same kind of engine,
 * before the selected run. Later runs are left out, because a report must not change when a run is added that it does
 * not use.
 * @returns the ended trials of each run, by run id; empty if the selected results come from several machines
 */
export function earlierRuns(
  { run, trials }: Pick<SelectedConfig, 'run' | 'trials'>,
  listings: readonly TrialListing[],
  dropped: readonly DroppedReason[],
): ReadonlyMap<string, readonly TrialListing[]> {
  const excluded = new Set(dropped.map(({ run: id }) => id))
  const hosts = new Set(trials.map(({ header }) => machinesOf(header)))
  const [first] = trials
  if (run === undefined || first === undefined || hosts.size > 1) return new Map()
  const { compare } = runOrder(listings)
  const candidates = listings.filter(
    ({ header }) =>
      header.measurementDigest === first.header.measurementDigest &&
      header.side === undefined &&
      header.search !== true &&
      !isPruned({ header }) &&
      compare(header.run, run) < 0 &&
      !excluded.has(header.run) &&
      hosts.has(machinesOf(header)) &&
      header.target.standIn === first.header.target.standIn,
  )
  const runs = [...groupBy(candidates, ({ header }) => header.run)].map(
    ([id, trialsOfRun]) => [id, countedTrials(trialsOfRun).filter(hasEnded)] as const,
  )
  return new Map(runs.filter(([, ended]) => ended.length >= minRounds))
}
