import { ExpError } from '../errors/exp-error.ts'

/** The result of examining one thing on this machine. `exp doctor --json` prints it. */
export interface DoctorFinding {
  /** The thing that was examined: `Docker`, `model store`. */
  readonly what: string
  /** `good`: usable. `lacking`: not usable, or disturbs measurements. `info`: neither good nor bad. */
  readonly state: 'good' | 'lacking' | 'info'
  readonly detail: string
  /** What to do about it. */
  readonly fix?: string
  /** Commands to try, which would measure what `detail` estimates. They are not recommendations. */
  readonly tries?: readonly string[]
}

/** A finding that shows the error's message and hint. Throws any error that is not an `ExpError`. */
export function failedFinding(what: string, error: unknown): DoctorFinding {
  if (!(error instanceof ExpError)) throw error
  const { message, hint } = error
  return { what, state: 'lacking', detail: message, ...(hint === undefined ? {} : { fix: hint }) }
}
