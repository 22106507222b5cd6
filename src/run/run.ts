/**
 * One run of an experiment. Enters: an `Experiment`, and what the run needs of the world: targets, the store,
 * the clock, this machine. `prepareRun` finds out before anything is measured what can be had, `estimateRun` how
 * long it takes; `measureRun` runs the trials in their order, each stored as it happens, and goes on where one
 * fails. Leaves: stored trials, and their outcomes.
 */
import type { Experiment, MeasuredConfig } from '../experiment/experiment.ts'
import type { Pair, PlannedTrial } from '../experiment/plan.ts'
import type { TargetKind } from '../experiment/target-kinds.ts'
import type { TrialHeader } from '../results/record.ts'
import type { ResultStore } from '../results/store.ts'
import type { TargetDriver } from '../targets/target.ts'
import type { Clock } from './clock.ts'
import type { Preflight } from './preflight.ts'
import type { RunEvent, ScheduledTrial } from './run-event.ts'
import type { TrialDeps, TrialOutcome } from './trial.ts'

export interface RunDeps {
  readonly driver: (kind: TargetKind) => TargetDriver
  readonly store: ResultStore
  readonly clock: Clock
  readonly random: () => number
  readonly machine: TrialHeader['host']
  readonly observeHost: TrialDeps['observeHost']
  readonly tool: TrialHeader['tool']
  readonly signal: AbortSignal
  readonly onEvent: (event: RunEvent) => void
  /**
   * Under `until`: whether the trials of the run are as precise as asked, its last one stored but for its end.
   * Asked after each round that may be the last.
   */
  readonly isPrecise: (run: string, round: number) => Promise<boolean>
}

/** A trial of the plan; of an A/A run, with its side. */
export interface RunTrial extends PlannedTrial {
  readonly side?: NonNullable<TrialHeader['side']>
}

export interface PreparedRun extends Preflight {
  readonly run: string
  readonly experiment: Experiment
  readonly seed: number
  readonly rounds: number
  readonly trials: readonly RunTrial[]
  /** Pairs that `only` parts. */
  readonly splitPairs: readonly Pair[]
  /** Configs that belong to another machine and stay pending here. */
  readonly onOtherHosts: readonly MeasuredConfig[]
}

export interface RunOutcome {
  readonly run: string
  readonly trials: readonly { readonly trial: ScheduledTrial; readonly outcome: TrialOutcome }[]
  readonly interrupted: boolean
}

export function measuredConfigs({ configs }: Experiment): readonly MeasuredConfig[] {
  return configs.filter((config) => config.kind === 'measured')
}
