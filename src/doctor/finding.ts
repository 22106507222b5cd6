/** A finding of `exp doctor`: one thing that was examined on this machine. */
import { ExpError } from '../errors/exp-error.ts'

export interface Finding {
  readonly what: string
  /**
   * `good`: usable. `lacking`: not usable, or disturbs measurements. `known`: a fact for information, neither good nor bad.
   * `exp doctor --json` prints these names.
   */
  readonly state: 'good' | 'lacking' | 'known'
  readonly detail: string
  /** What to do about it. */
  readonly fix?: string
}

/** A finding that shows the error's message and hint. Throws any error that is not an `ExpError`. */
export function failedFinding(what: string, error: unknown): Finding {
  if (!(error instanceof ExpError)) throw error
  const { message, hint } = error
  return { what, state: 'lacking', detail: message, ...(hint === undefined ? {} : { fix: hint }) }
}
