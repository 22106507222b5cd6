/** A trial as read back from its file. */
import type { Evidence, TrialEnd, TrialHeader, Window } from './record.ts'
import type { RequestTable } from './request-table.ts'

export interface StoredTrial {
  /** File name inside `results/`. */
  readonly file: string
  /** Of the file's stored bytes: `sha256:…`. */
  readonly digest: string
  readonly header: TrialHeader
  readonly evidence: readonly Evidence[]
  readonly window?: Window
  /** Warm-up included; in the order in which they ended. */
  readonly requests: RequestTable
  /** Absent: the trial was interrupted. */
  readonly end?: TrialEnd
  /** The last line was cut off; what stands before it is whole. */
  readonly truncated: boolean
}
