/** Which A/A run tells the noise of this experiment: its trials belong to no config, and so to no figure. */
import { groupBy } from './group.ts'
import { hasEnded, countedTrials, type DroppedReason } from './selection.ts'
import type { TrialListing } from './store.ts'

export interface FloorSelection {
  readonly run: string
  /** Key of the config that was compared with itself, as it was then. */
  readonly config: string
  /** One trial a round that ended, by round. */
  readonly a: readonly TrialListing[]
  readonly b: readonly TrialListing[]
}

export interface FloorConditions {
  /** Ids of the machines that the report's own results come from. */
  readonly hosts: ReadonlySet<string>
  /** Whether those are stand-in results: the noise of one engine says nothing of another's. */
  readonly standIn: boolean
}

/** Rounds below which there is no interval, and so no floor. */
const minRounds = 3

/** The newest A/A run on one of these machines in which both sides ended in three rounds; `undefined` where there is none. */
export function selectFloor(
  listings: readonly TrialListing[],
  dropped: readonly DroppedReason[],
  { hosts, standIn }: FloorConditions,
): FloorSelection | undefined {
  const gone = new Set(dropped.map(({ run }) => run))
  const sides = listings.filter(
    ({ header }) =>
      header.side !== undefined &&
      !gone.has(header.run) &&
      hosts.has(header.host.id) &&
      header.target.standIn === standIn,
  )
  const runs = groupBy(sides, ({ header }) => header.run)
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
