/**
 * A target brings one config's server up, tells what can be known about it, and takes down what it brought
 * up. `run/` knows targets by this interface only.
 */
import type { MeasuredConfig } from '../experiment/experiment.ts'
import type { TargetKind } from '../experiment/target-kinds.ts'
import type { Evidence } from '../results/record.ts'

export interface TargetDriver {
  readonly kind: TargetKind
  /**
   * Whether this config can be had on this machine, found out before anything is measured and without
   * leaving anything behind.
   */
  check(config: MeasuredConfig, signal: AbortSignal): Promise<Availability>
  /** Brings the server up, ready for requests. Throws `ExpError` with the last lines of the log when it does not come up. */
  start(config: MeasuredConfig, signal: AbortSignal): Promise<RunningTarget>
}

export type Availability =
  | { readonly available: true; readonly notes: readonly string[] }
  /** `why` and `fix` are sentences for people. */
  | { readonly available: false; readonly why: string; readonly fix: string }

export interface RunningTarget {
  /** Base URL without a trailing slash: `http://127.0.0.1:40123`. */
  readonly url: string
  /** The model's name on this server; the embedded engine serves any name. */
  readonly model: string
  /** Headers with their variables filled in; never stored. */
  readonly headers: Readonly<Record<string, string>>
  /** Proxy on the way to it, by the environment; may hold credentials, never stored. */
  readonly proxy?: string | undefined
  /** Facts as of now; `at` is filled in by the caller. */
  observe(when: Evidence['when'], signal: AbortSignal): Promise<readonly Observation[]>
  /**
   * A sentence with the last lines of the log, where a server that `start` brought up has ended by itself;
   * `undefined` while it runs, and for one that was there already.
   */
  ended(): Promise<string | undefined>
  /** Takes down what `start` brought up, and only that. Safe to call twice. */
  stop(): Promise<void>
}

export type Observation = Pick<Evidence, 'source' | 'facts' | 'missing'>
