/** Something that `exp check` found: a file of the notebook that is not what the results say. */

export type FindingCode =
  | 'stale' // exp report would write something else
  | 'missing' // exp report would write it
  | 'edited' // text changed outside a keep block
  | 'frozen-changed' // an earlier version is not what its lock says
  | 'frozen-missing'
  | 'result-changed' // a stored result is not the one that the version was made from
  | 'result-missing'
  | 'stray' // belongs to no version
  | 'unreadable' // an experiment, a lock, a result or a template that stops the rendering

export interface Finding {
  readonly code: FindingCode
  /** Absent for the index. */
  readonly experiment?: string
  /** From the project's root, with forward slashes. */
  readonly file: string
  /** What is wrong; one sentence. */
  readonly message: string
  /** What mends it; one line, with the command. */
  readonly fix: string
  /** Unified, from what is on the disk to what should be. */
  readonly diff?: string
}
