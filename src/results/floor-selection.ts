/**
 * Selects the A/A run that measures the noise floor: one config measured against itself, so that every difference
 * between its two sides is noise. Its trials belong to no config, and appear in no figure.
 */
import { countedTrials, groupBy, hasEnded, type DroppedReason } from './selection.ts'
import type { TrialListing } from './store.ts'

export interface FloorSelection {
  readonly run: string
  /** The key that the config had when it was measured against itself. */
  readonly config: string
  /** One ended trial per round, ordered by round. */
  readonly a: readonly TrialListing[]
  readonly b: readonly TrialListing[]
}

/** What an A/A run must have in common with the report's results. */
export interface FloorConditions {
  /** Ids of the machines that the report's results come from. */
  readonly hosts: ReadonlySet<string>
  /** True if the report's results come from the embedded engine, whose noise differs from that of a real target. */
  readonly standIn: boolean
}

/** The minimum for a confidence interval, and so for a noise floor. */
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
      !droppedRuns.has(header.run) &&
      hosts.has(header.host.id) &&
      header.target.standIn === standIn,
  )
  const runs = groupBy(candidates, ({ header }) => header.run)
  const newestFirst = [...runs].sort(([one], [other]) => (one < other ? 1 : -1))
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
