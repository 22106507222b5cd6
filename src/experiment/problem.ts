/** What is wrong with an experiment file, where, and what to do about it. */

export const problemCodes = [
  // the file
  'file-name',
  'empty',
  'too-large',
  'yaml',
  'tab',
  'duplicate-key',
  'reserved-key',
  'alias',
  'tag',
  'many-documents',
  // the form
  'unknown-key',
  'missing-key',
  'wrong-type',
  'wrong-value',
  'config-key',
  'duration',
  'rate',
  'quantity',
  'threshold',
  'env-name',
  'env-value',
  'leading-dash',
  'url',
  'header',
  // across fields
  'unknown-config',
  'unknown-metric',
  'unknown-option',
  'unit-mismatch',
  'from-cycle',
  'self-comparison',
  'nothing-to-compare',
  'no-figure',
  'same-measurement',
  'duplicate-id',
  'target-and-recorded',
  'rounds-and-until',
  'endless-load',
  'void-setting',
  'odd-rounds',
  'secret',
  // the dataset
  'missing-dataset',
  'check',
  'prompt-template',
  'prompt-field',
] as const
/** The closed set of codes; `test/invalid/<case>/` shows each. */
export type ProblemCode = (typeof problemCodes)[number]

export interface Problem {
  readonly code: ProblemCode
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

/** By file, then position; errors before warnings at one place. */
export function byPosition(a: Problem, b: Problem): number {
  if (a.file !== b.file) return a.file < b.file ? -1 : 1
  return (
    a.line - b.line ||
    a.column - b.column ||
    Number(a.severity === 'warning') - Number(b.severity === 'warning')
  )
}
