/**
 * The types that the steps of a run share. Input: an experiment, and the outside world as `RunDeps`: targets, store,
 * clock, machine. Output: stored trials and their outcomes. `exp run` calls the three steps in this order: `prepareRun`
 * checks which targets are available, `estimateRun` probes how long the run will take, and `measureRun` runs the trials
 * and stores each while it runs.
 */
import type { Experiment, MeasuredConfig } from '../experiment/experiment.ts'
import type { CapacitySearch, SearchWindow } from '../experiment/levels/capacity-search.ts'
import type { Pair, PlannedTrial } from '../experiment/plan.ts'
import type { TargetKind } from '../experiment/target-kinds.ts'
import type { LiveFigures } from '../load/load-plan.ts'
import type { TrialHeader } from '../results/record.ts'
import type { ResultStore } from '../results/store.ts'
import type { TargetDriver } from '../targets/target.ts'
import type { Clock } from './clock.ts'
import type { Preflight } from './preflight.ts'
import type { TrialDeps, TrialOutcome } from './trial.ts'

export interface RunDeps {
  readonly driver: (kind: TargetKind) => TargetDriver
  readonly store: ResultStore
  readonly clock: Clock
  readonly random: () => number
  readonly machine: TrialHeader['host']
  readonly observeHost: TrialDeps['observeHost']
  readonly resourceSampler: TrialDeps['resourceSampler']
  readonly tool: TrialHeader['tool']
  /** Makes the load generator's code fast before it measures; see `rehearse`. */
  readonly rehearse: (signal: AbortSignal) => Promise<unknown>
  readonly timingErrorSources: TrialDeps['timingErrorSources']
  readonly steadyEngine: TrialDeps['steadyEngine']
  readonly signal: AbortSignal
  readonly onEvent: (event: RunEvent) => void
  /**
   * True if the figures of the run up to this round are as precise as `until` requires. Called after each round that
   * may be the last. By then all records of the round are stored, except the end record of its last trial.
   */
  readonly isPrecise: (run: string, round: number) => Promise<boolean>
  /** The windows that the run's capacity searches have measured so far, by the key of the series. */
  readonly searchWindows: (run: string) => Promise<ReadonlyMap<string, readonly SearchWindow[]>>
}

/** A planned trial, with its side if it belongs to an A/A run. */
export interface RunTrial extends PlannedTrial {
  /** True for a trial of a capacity search. */
  readonly search?: true
  readonly side?: NonNullable<TrialHeader['side']>
  /** Present for a race between settings. */
  readonly racePhase?: NonNullable<TrialHeader['racePhase']>
}

/** Rounds of a race or of its confirmation. Each round measures each of the configs once. */
export interface RaceRounds {
  readonly phase: NonNullable<TrialHeader['racePhase']>
  readonly firstRound: number
  readonly lastRound: number
  readonly configs: readonly string[]
}

/** The progress of a race. */
export interface RaceProgress {
  /** The rounds to measure next, including a round that has begun. Absent if race and confirmation have ended. */
  readonly next?: RaceRounds
  /** The trials of the run that ended or failed. */
  readonly done: readonly { readonly config: string; readonly round: number }[]
  /** The number of completed rounds after which the race has compared its configs. */
  readonly rounds: number
  readonly leader?: string
  /** The number of configs that are not eliminated. */
  readonly configsLeft: number
  /** The eliminated configs, in the order of their elimination. */
  readonly eliminated: readonly string[]
  readonly budgetLeftMs: number
}

export interface PreparedRun extends Preflight {
  readonly run: string
  /** Absent if the run to resume was stored without one. */
  readonly sequence?: number
  readonly experiment: Experiment
  readonly seed: number
  readonly rounds: number
  /**
   * 1 for the first rounds of a run, plus 1 each time that rounds are added, because somebody may have seen its
   * results.
   */
  readonly look: number
  /** If the run searches for a capacity, they include the rounds of all levels that the search may choose. */
  readonly trials: readonly RunTrial[]
  /** Absent if the run searches for no capacity. */
  readonly search?: CapacitySearch
  /** Pairs of which this run measures only one config. */
  readonly halfMeasuredPairs: readonly Pair[]
  /** Configs that must be measured on another machine. */
  readonly onOtherHosts: readonly MeasuredConfig[]
}

/** A trial with its number among the trials that this command measures. */
export interface ScheduledTrial extends RunTrial {
  /** From 1. */
  readonly index: number
  /** How many trials this command measures. */
  readonly total: number
}

/** Progress of a run, for the command line to show. */
export type RunEvent =
  | { readonly type: 'probing'; readonly config: string }
  | { readonly type: 'trial-started'; readonly trial: ScheduledTrial }
  | {
      readonly type: 'race'
      readonly progress: RaceProgress
      readonly newlyEliminated: readonly string[]
    }
  | { readonly type: 'progress'; readonly trial: ScheduledTrial; readonly live: LiveFigures }
  | ({
      readonly type: 'trial-ended'
      readonly trial: ScheduledTrial
      readonly live?: LiveFigures
    } & TrialOutcome)

export interface RunOutcome {
  readonly run: string
  readonly trials: readonly { readonly trial: ScheduledTrial; readonly outcome: TrialOutcome }[]
  readonly interrupted: boolean
}

export function measuredConfigs({ configs }: Experiment): readonly MeasuredConfig[] {
  return configs.filter((config) => config.kind === 'measured')
}
