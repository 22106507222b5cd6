/** What is wrong with an experiment file, where, and what to do about it. */

export interface Problem {
  /** From a closed set; `test/invalid/<code>/` shows each. */
  readonly code: string
  readonly severity: 'error' | 'warning'
  /** What is wrong, values in backticks. One line, no control codes. */
  readonly message: string
  /** What to do now. */
  readonly hint?: string
  readonly file: string
  /** From 1. */
  readonly line: number
  /** From 1, in UTF-16 code units of the line. */
  readonly column: number
  /** Length of what the caret underlines, at least 1. */
  readonly length: number
}
