/** The load of a workload: when its requests are sent. */

export type Load =
  | {
      readonly kind: 'closed-duration'
      readonly users: number
      readonly durationMs: number
      /** The window stays open until this many requests have ended, even if `durationMs` has passed. */
      readonly atLeast: number
      /** The longest time that the window stays open for `atLeast`. */
      readonly atMostMs: number
      readonly rampMs?: Ramp
      readonly pause?: Pause
    }
  | {
      readonly kind: 'closed-requests'
      readonly users: number
      readonly requests: number
      readonly rampMs?: Ramp
      readonly pause?: Pause
    }
  | {
      readonly kind: 'open'
      readonly ratePerSecond: number
      readonly arrival: 'poisson' | 'constant'
      readonly durationMs: number
    }

/**
 * The time over which the starts of the users of a closed loop are spread, in milliseconds; `auto` for the median
 * latency of the warm-up. Without it, all users start together.
 */
export type Ramp = 'auto' | number

/** The time between the end of a user's request and the user's next one. Without it, the next one is sent at once. */
export interface Pause {
  readonly meanMs: number
  readonly distribution: 'constant' | 'exponential'
}
