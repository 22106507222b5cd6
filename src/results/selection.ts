/**
 * Selects the results that a report uses. Input: the first and last records of all stored trials, the configs of
 * the experiment file, and the dropped runs. Output: for each config one run with one trial per round, and
 * notes on the runs that were not selected. Pure.
 */
import { isPruned } from './pruned.ts'
import { belongsToRound, plannedRounds, runOrder, stoppingRounds, type RunOrder } from './runs.ts'
import type { TrialListing } from './store.ts'

/** The fields of a measured config that the selection needs. */
export interface WantedConfig {
  readonly key: string
  readonly measurementDigest: string
  /** Rounds that the file requests; the maximum if it has `until`. */
  readonly rounds: number
  /** True if a run may stop early because its figures are precise enough. */
  readonly until?: boolean
  /** True if a race decides how many rounds the config has. The run is then complete when its race has ended. */
  readonly races?: boolean
}

export interface SelectedConfig {
  readonly key: string
  /** Absent if nothing was measured yet. */
  readonly run?: string
  /** One trial per round, ordered by round; see `countedTrials`. */
  readonly trials: readonly TrialListing[]
  /** The number of rounds of a complete run: from the file, unless `--rounds` or `until` changed it. */
  readonly requiredRounds: number
  /** True if `--rounds` gave another number than the file. */
  readonly roundsOverridden?: true
  /** True if a required round is still missing: it has neither ended nor failed, and was not skipped. */
  readonly open: boolean
}

/** A run that was not selected, or is incomplete. The terminal and the report turn it into a sentence. */
export type SelectionNote =
  /** A run with a trial that was interrupted or is still running. `used`: true if a config uses this run anyway. */
  | {
      readonly code: 'interrupted'
      readonly run: string
      readonly configs: readonly string[]
      readonly used: boolean
    }
  /** A run that is newer than the selected one but has fewer ended rounds. */
  | {
      readonly code: 'fewer-rounds'
      readonly run: string
      readonly config: string
      readonly ended: number
      readonly planned: number
    }
  | { readonly code: 'dropped'; readonly run: string; readonly why: string }
  /** A run of another branch or machine. It started before the selected run, which did not know of it. */
  | { readonly code: 'beside'; readonly run: string; readonly used: string }
  /** A stand-in run that is not used because real results exist. */
  | { readonly code: 'stand-in-replaced'; readonly run: string }

/** The results that a report uses. */
export interface Selection {
  /** By config key, in the order of the wanted configs. */
  readonly configs: ReadonlyMap<string, SelectedConfig>
  /** True if the selected trials ran on the embedded engine instead of the requested targets. */
  readonly standIn: boolean
  /** Newest run first. */
  readonly notes: readonly SelectionNote[]
}

export interface DroppedReason {
  readonly run: string
  readonly why: string
}

/**
 * For each config, selects the newest run in which all required rounds ended, or else the run with the most ended
 * rounds. Uses stand-in results only if no real trial has ended.
 * @param listings all stored trials of the experiment, in any order
 */
export function selectResults(
  wanted: readonly WantedConfig[],
  listings: readonly TrialListing[],
  dropped: readonly DroppedReason[] = [],
): Selection {
  const reasons = new Map(dropped.map(({ run, why }) => [run, why]))
  const digests = new Set(wanted.map(({ measurementDigest }) => measurementDigest))
  const stored = listings.filter(belongsToRound)
  const candidates = stored.filter(
    ({ header }) =>
      digests.has(header.measurementDigest) && !reasons.has(header.run) && !isPruned({ header }),
  )
  const real = candidates.filter(({ header }) => !header.target.standIn)
  const standIn = candidates.length > real.length && !real.some(hasEnded)
  const usable = standIn ? candidates.filter(isStandIn) : real
  const stops = stoppingRounds(stored)
  const order = runOrder(listings)
  const choices = wanted.map((config) => choose(config, usable, stops, order))
  const notes: readonly SelectionNote[] = [
    ...choices.flatMap(fewerRoundsNotes),
    ...otherBranchNotes(choices),
    ...interruptedNotes(choices),
    ...unique(stored.map(runOf)).flatMap((run): SelectionNote[] => {
      const why = reasons.get(run)
      return why === undefined ? [] : [{ code: 'dropped', run, why }]
    }),
    ...unique(standIn ? [] : candidates.filter(isStandIn).map(runOf)).map((run): SelectionNote => ({
      code: 'stand-in-replaced',
      run,
    })),
  ]
  return {
    configs: new Map(choices.map(({ selected }) => [selected.key, selected])),
    standIn,
    notes: notes.toSorted((one, other) => order.compare(other.run, one.run)),
  }
}

/** The trials of one run for one config. */
interface Candidate {
  readonly run: string
  /** One trial per round, ordered by round. */
  readonly trials: readonly TrialListing[]
  readonly requiredRounds: number
  readonly roundsOverridden: boolean
  /** How many of the required rounds ended. */
  readonly ended: number
  /** True if all rounds that the file requests have ended. */
  readonly isFull: boolean
}

interface Choice {
  readonly selected: SelectedConfig
  /** The selected run and all newer ones, newest first. */
  readonly considered: readonly Candidate[]
  /** Runs of another branch: they have the same sequence number as the selected run, and started before it. */
  readonly otherBranches: readonly string[]
}

function choose(
  config: WantedConfig,
  usable: readonly TrialListing[],
  stops: ReadonlyMap<string, number>,
  { compare, sequenceOf }: RunOrder,
): Choice {
  const trials = usable.filter(
    ({ header }) => header.measurementDigest === config.measurementDigest,
  )
  const newestFirst = [...groupBy(trials, runOf)]
    .map(([run, trialsOfRun]): Candidate => {
      const counted = countedTrials(trialsOfRun)
      if (config.races === true) return racingCandidate(run, counted, stops.has(run))
      const stop = config.until === true ? stops.get(run) : undefined
      const fileRounds = stop ?? config.rounds
      const requiredRounds = stop ?? plannedRounds(trialsOfRun, config.rounds)
      const endedOf = (rounds: number) =>
        counted.filter((trial) => hasEnded(trial) && trial.header.round <= rounds).length
      return {
        run,
        trials: counted,
        requiredRounds,
        roundsOverridden: requiredRounds !== fileRounds,
        ended: endedOf(requiredRounds),
        isFull: endedOf(fileRounds) === fileRounds,
      }
    })
    .sort((one, other) => compare(other.run, one.run))
  const complete = newestFirst.find(({ isFull }) => isFull)
  const maxEnded = Math.max(...newestFirst.map(({ ended }) => ended))
  const chosen = complete ?? newestFirst.find(({ ended }) => ended === maxEnded)
  const { key } = config
  if (chosen === undefined)
    return {
      selected: { key, trials: [], requiredRounds: config.rounds, open: true },
      considered: [],
      otherBranches: [],
    }
  const { run, trials: counted, requiredRounds, roundsOverridden } = chosen
  const closed = counted.filter(
    ({ header, end }) => end !== undefined && header.round <= requiredRounds,
  )
  const open = config.races === true ? !chosen.isFull : closed.length < requiredRounds
  return {
    selected: {
      key,
      run,
      trials: counted,
      requiredRounds,
      ...(roundsOverridden ? { roundsOverridden } : {}),
      open,
    },
    considered: newestFirst.slice(0, newestFirst.indexOf(chosen) + 1),
    otherBranches: newestFirst
      .slice(newestFirst.indexOf(chosen) + 1)
      .filter((one) => sequenceOf(one.run) > 0 && sequenceOf(one.run) === sequenceOf(run))
      .map((one) => one.run),
  }
}

/** The run of a race. It requires of each config only the rounds that the race measured it in. */
function racingCandidate(run: string, trials: readonly TrialListing[], isFull: boolean): Candidate {
  return {
    run,
    trials,
    requiredRounds: trials.length,
    roundsOverridden: false,
    ended: trials.filter(hasEnded).length,
    isFull,
  }
}

/** One trial per round, ordered by round: the last one that ended, or the last one if none did. */
export function countedTrials(trials: readonly TrialListing[]): readonly TrialListing[] {
  return [...groupBy(trials, ({ header }) => header.round).values()]
    .flatMap((repeats) => {
      const inOrder = repeats.toSorted(
        (one, other) => startOf(one) - startOf(other) || (one.file < other.file ? -1 : 1),
      )
      return inOrder.findLast(hasEnded) ?? inOrder.at(-1) ?? []
    })
    .sort((one, other) => one.header.round - other.header.round)
}

function fewerRoundsNotes({ selected, considered }: Choice): readonly SelectionNote[] {
  return considered
    .filter((candidate) => candidate.run !== selected.run && !isInterrupted(candidate))
    .map(({ run, ended, requiredRounds }) => ({
      code: 'fewer-rounds',
      run,
      config: selected.key,
      ended,
      planned: requiredRounds,
    }))
}

function otherBranchNotes(choices: readonly Choice[]): readonly SelectionNote[] {
  const used = new Set(choices.map(({ selected }) => selected.run))
  const usedInstead = new Map(
    choices.flatMap(({ selected, otherBranches }) =>
      otherBranches.map((run) => [run, selected.run ?? '']),
    ),
  )
  return [...usedInstead].flatMap(([run, other]): SelectionNote[] =>
    used.has(run) ? [] : [{ code: 'beside', run, used: other }],
  )
}

function interruptedNotes(choices: readonly Choice[]): readonly SelectionNote[] {
  const cut = choices.flatMap(({ selected, considered }) =>
    considered.filter(isInterrupted).map(({ run }) => ({ run, config: selected.key })),
  )
  const used = new Set(choices.map(({ selected }) => selected.run))
  return [...groupBy(cut, ({ run }) => run)].map(([run, configs]) => ({
    code: 'interrupted',
    run,
    configs: configs.map(({ config }) => config),
    used: used.has(run),
  }))
}

function isInterrupted({ trials }: Candidate): boolean {
  return trials.some(({ end }) => end === undefined)
}

export function hasEnded({ end }: TrialListing): boolean {
  return end?.outcome === 'ended'
}

export function isStandIn({ header }: TrialListing): boolean {
  return header.target.standIn
}

function runOf({ header }: TrialListing): string {
  return header.run
}

function startOf({ header }: TrialListing): number {
  return Date.parse(header.startedAt)
}

/** Groups the values by key. Groups are in order of first appearance, values in their original order. */
export function groupBy<Key, Value>(
  values: readonly Value[],
  keyOf: (value: Value) => Key,
): ReadonlyMap<Key, readonly Value[]> {
  const groups = new Map<Key, Value[]>()
  for (const value of values) {
    const key = keyOf(value)
    const group = groups.get(key)
    if (group === undefined) groups.set(key, [value])
    else group.push(value)
  }
  return groups
}

function unique(texts: readonly string[]): readonly string[] {
  return [...new Set(texts)]
}
