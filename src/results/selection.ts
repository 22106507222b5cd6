/**
 * Which results a report uses. Enters: the first and last lines of all stored trials, what the experiment
 * file asks for, and the runs that people dropped. Leaves: for each config one run and one trial a round,
 * and what was passed over on the way. Pure.
 */
import { groupBy } from './group.ts'
import type { TrialListing } from './store.ts'

/** A measured config as the experiment file asks for it. */
export interface WantedConfig {
  readonly key: string
  readonly measurementDigest: string
  /** Rounds asked for; under `until` the most there may be. */
  readonly rounds: number
  /** Rounds end by precision: a run that says where it stopped has all its rounds. */
  readonly until?: boolean
}

export interface SelectedConfig {
  readonly key: string
  /** Absent: nothing was measured yet. */
  readonly run?: string
  /** One a round, in the order of rounds: the last that ended, else the last. */
  readonly trials: readonly TrialListing[]
  /** Rounds that its run had to do to be complete. */
  readonly requiredRounds: number
  /** A round that was asked for has neither ended, nor failed, nor been skipped. */
  readonly open: boolean
}

/** What was passed over, for the terminal and the report; wording is theirs. */
export type SelectionNote =
  /** A trial without an end: killed, or still running. `used` where the config's figures rest on that run all the same. */
  | {
      readonly code: 'cut-off'
      readonly run: string
      readonly configs: readonly string[]
      readonly used: boolean
    }
  /** A newer run than the one in use, with fewer of its rounds. */
  | {
      readonly code: 'passed-over'
      readonly run: string
      readonly config: string
      readonly ended: number
      readonly asked: number
    }
  | { readonly code: 'dropped'; readonly run: string; readonly why: string }
  /** Stand-in results are there, and real ones take their place. */
  | { readonly code: 'stand-in-replaced'; readonly run: string }

export interface Selection {
  /** By key, in the order asked. */
  readonly configs: ReadonlyMap<string, SelectedConfig>
  /** The trials in use are of the embedded engine in the place of what the file asks for. */
  readonly standIn: boolean
  /** Ordered by run, newest first. */
  readonly notes: readonly SelectionNote[]
}

export interface DroppedReason {
  readonly run: string
  readonly why: string
}

/** @param listings of all trials stored for the experiment, in any order */
export function selectResults(
  wanted: readonly WantedConfig[],
  listings: readonly TrialListing[],
  dropped: readonly DroppedReason[] = [],
): Selection {
  const reasons = new Map(dropped.map(({ run, why }) => [run, why]))
  const digests = new Set(wanted.map(({ measurementDigest }) => measurementDigest))
  const stored = listings.filter(({ header }) => header.side === undefined)
  const ours = stored.filter(
    ({ header }) => digests.has(header.measurementDigest) && !reasons.has(header.run),
  )
  const real = ours.filter(({ header }) => !header.target.standIn)
  const standIn = ours.length > real.length && !real.some(hasEnded)
  const usable = standIn ? ours.filter(isStandIn) : real
  const stops = stoppingRounds(stored)
  const choices = wanted.map((config) => choose(config, usable, stops))
  const notes: readonly SelectionNote[] = [
    ...choices.flatMap(passedOver),
    ...cutOff(choices),
    ...unique(stored.map(runOf)).flatMap((run): SelectionNote[] => {
      const why = reasons.get(run)
      return why === undefined ? [] : [{ code: 'dropped', run, why }]
    }),
    ...unique(standIn ? [] : ours.filter(isStandIn).map(runOf)).map((run): SelectionNote => ({
      code: 'stand-in-replaced',
      run,
    })),
  ]
  return {
    configs: new Map(choices.map(({ selected }) => [selected.key, selected])),
    standIn,
    notes: notes.toSorted((one, other) => compareText(other.run, one.run)),
  }
}

/** What one run did for one config. */
interface Candidate {
  readonly run: string
  /** By round: the trial that counts. */
  readonly trials: readonly TrialListing[]
  readonly asked: number
  /** Of the rounds asked for. */
  readonly ended: number
}

interface Choice {
  readonly selected: SelectedConfig
  /** The chosen run and all that are newer, newest first. */
  readonly seen: readonly Candidate[]
}

function choose(
  config: WantedConfig,
  usable: readonly TrialListing[],
  stops: ReadonlyMap<string, number>,
): Choice {
  const trials = usable.filter(
    ({ header }) => header.measurementDigest === config.measurementDigest,
  )
  const newestFirst = [...groupBy(trials, runOf)]
    .map(([run, ofRun]): Candidate => {
      const asked = (config.until === true ? stops.get(run) : undefined) ?? config.rounds
      const counting = countedTrials(ofRun)
      const ended = counting.filter((trial) => hasEnded(trial) && trial.header.round <= asked)
      return { run, trials: counting, asked, ended: ended.length }
    })
    .sort((one, other) => compareText(other.run, one.run))
  const complete = newestFirst.find(({ asked, ended }) => ended === asked)
  const most = Math.max(...newestFirst.map(({ ended }) => ended))
  const chosen = complete ?? newestFirst.find(({ ended }) => ended === most)
  const { key } = config
  if (chosen === undefined)
    return { selected: { key, trials: [], requiredRounds: config.rounds, open: true }, seen: [] }
  const { run, asked } = chosen
  const closed = chosen.trials.filter(
    ({ header, end }) => end !== undefined && header.round <= asked,
  )
  return {
    selected: {
      key,
      run,
      trials: chosen.trials,
      requiredRounds: asked,
      open: closed.length < asked,
    },
    seen: newestFirst.slice(0, newestFirst.indexOf(chosen) + 1),
  }
}

/** One trial a round, by round: the last that ended, else the last. */
export function countedTrials(trials: readonly TrialListing[]): readonly TrialListing[] {
  return [...groupBy(trials, ({ header }) => header.round).values()]
    .flatMap((repeats) => {
      const inOrder = repeats.toSorted(
        (one, other) => startOf(one) - startOf(other) || compareText(one.file, other.file),
      )
      return inOrder.findLast(hasEnded) ?? inOrder.at(-1) ?? []
    })
    .sort((one, other) => one.header.round - other.header.round)
}

/** By run: the round at which `until` stopped it. */
function stoppingRounds(trials: readonly TrialListing[]): ReadonlyMap<string, number> {
  return new Map(
    trials.flatMap(({ header, end }) =>
      end?.stoppedAtRound === undefined ? [] : [[header.run, end.stoppedAtRound] as const],
    ),
  )
}

function passedOver({ selected, seen }: Choice): readonly SelectionNote[] {
  return seen
    .filter((candidate) => candidate.run !== selected.run && !isCutOff(candidate))
    .map(({ run, ended, asked }) => ({
      code: 'passed-over',
      run,
      config: selected.key,
      ended,
      asked,
    }))
}

function cutOff(choices: readonly Choice[]): readonly SelectionNote[] {
  const cut = choices.flatMap(({ selected, seen }) =>
    seen.filter(isCutOff).map(({ run }) => ({ run, config: selected.key })),
  )
  const used = new Set(choices.map(({ selected }) => selected.run))
  return [...groupBy(cut, ({ run }) => run)].map(([run, ofRun]) => ({
    code: 'cut-off',
    run,
    configs: ofRun.map(({ config }) => config),
    used: used.has(run),
  }))
}

function isCutOff({ trials }: Candidate): boolean {
  return trials.some(({ end }) => end === undefined)
}

export function hasEnded({ end }: TrialListing): boolean {
  return end?.outcome === 'ended'
}

function isStandIn({ header }: TrialListing): boolean {
  return header.target.standIn
}

function runOf({ header }: TrialListing): string {
  return header.run
}

function startOf({ header }: TrialListing): number {
  return Date.parse(header.startedAt)
}

function unique(texts: readonly string[]): readonly string[] {
  return [...new Set(texts)]
}

/** By code units, alike on every machine. */
function compareText(one: string, other: string): number {
  return one < other ? -1 : one > other ? 1 : 0
}
