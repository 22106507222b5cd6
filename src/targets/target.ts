/**
 * The interface of a target. A driver starts one config's server, reads facts about it, and stops what it
 * started. `run/` uses targets through this interface only.
 */
import type { MeasuredConfig } from '../experiment/experiment.ts'
import type { TargetKind } from '../experiment/target-kinds.ts'
import type { ServerProcesses } from '../host/resources/sampler.ts'
import type { Evidence, TrialHeader } from '../results/record.ts'

export interface TargetDriver {
  readonly kind: TargetKind
  /** Checks whether this config can run here. Called before anything is measured; leaves nothing running. */
  check(config: MeasuredConfig, signal: AbortSignal): Promise<Availability>
  /**
   * Starts the server and waits until it is ready for requests. Throws `ExpError` with the last lines of the
   * server's log if it does not become ready.
   */
  start(config: MeasuredConfig, signal: AbortSignal): Promise<RunningTarget>
}

/** The machine of a server that is on another machine than the load generator. */
export type ServerMachine = NonNullable<TrialHeader['serverHost']>

export type Availability =
  | {
      readonly available: true
      readonly notes: readonly string[]
      /** Absent if the server runs on this machine, and for a server that exp does not start. */
      readonly machine?: ServerMachine
    }
  /** `why` and `fix` are sentences to show to the user. */
  | { readonly available: false; readonly why: string; readonly fix: string }

export interface RunningTarget {
  /** Base URL without a trailing slash: `http://127.0.0.1:40123`. */
  readonly url: string
  /** How messages name the server, if its address means nothing to people because it ends with the trial. */
  readonly name?: string
  /** Headers with their variables filled in; never stored. */
  readonly headers: Readonly<Record<string, string>>
  /** The proxy for requests to the server, from the environment. May contain credentials; never stored. */
  readonly proxy?: string | undefined
  /** The server's processes, whose memory is sampled. */
  readonly processes: ServerProcesses
  /**
   * Makes the server ready for another config that differs only in its requests: loads the model with the config's
   * options, and counts events in the log from 0 again. Throws `ExpError` if the model does not load. Absent for a
   * server that `start` did not start.
   */
  prepare?(config: MeasuredConfig, signal: AbortSignal): Promise<void>
  /** Reads the current facts. The caller adds the time to them. */
  observe(when: Evidence['when'], signal: AbortSignal): Promise<readonly Observation[]>
  /** Reads facts about the machine of the server, if it is another than this one. */
  observeMachine?(which: 'all' | 'changing', signal: AbortSignal): Promise<readonly Observation[]>
  /**
   * Why the server exited by itself: a sentence with the last lines of its log. `undefined` while it runs, and always
   * for a server that `start` did not start.
   */
  exitReason(): Promise<string | undefined>
  /** Stops what `start` started, and nothing else. Can be called twice. */
  stop(): Promise<void>
}

export type Observation = Pick<Evidence, 'source' | 'model' | 'facts' | 'missing'>
