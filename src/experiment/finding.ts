import type { ProblemCode } from './problem.ts'

/** What a problem says, before its place. */
export interface Finding {
  readonly code: ProblemCode
  /** An error, if not said. */
  readonly severity?: 'warning'
  readonly message: string
  readonly hint?: string | undefined
}
