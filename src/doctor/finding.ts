/** One thing that was looked at. */
import { ExpError } from '../errors/exp-error.ts'

export interface Finding {
  readonly what: string
  /** - `good`: can be used; `lacking`: cannot, or disturbs; `known`: neither */
  readonly state: 'good' | 'lacking' | 'known'
  readonly detail: string
  /** What mends it. */
  readonly fix?: string
}

/** What an error says for people. Throws what is none of ours. */
export function lacking(what: string, error: unknown): Finding {
  if (!(error instanceof ExpError)) throw error
  const { message, hint } = error
  return { what, state: 'lacking', detail: message, ...(hint === undefined ? {} : { fix: hint }) }
}
