/** A trial as it is read from its file. */
import type { Evidence, TrialEnd, TrialHeader, Window } from './record.ts'
import type { RequestTable } from './request-table.ts'

export interface StoredTrial {
  /** The file's name inside `results/`. */
  readonly file: string
  /** Digest of the file's bytes as stored: `sha256:…`. */
  readonly digest: string
  readonly header: TrialHeader
  readonly evidence: readonly Evidence[]
  readonly window?: Window
  /** All requests, warm-up included, in the order in which they ended. */
  readonly requests: RequestTable
  /** Absent if the trial was interrupted. */
  readonly end?: TrialEnd
  /** True if the last line is incomplete, and was ignored. */
  readonly truncated: boolean
}
