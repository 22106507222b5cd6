/** A problem of an experiment file: what is wrong, where, and what to do about it. */

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
  // the schema
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
  // parts of the file that do not fit together
  'unknown-config',
  'unknown-metric',
  'unknown-option',
  'unit-mismatch',
  'from-cycle',
  'self-comparison',
  'nothing-to-compare',
  'no-figure',
  'contradiction',
  'same-measurement',
  'duplicate-id',
  'target-and-recorded',
  'rounds-and-until',
  'endless-load',
  'void-setting',
  'odd-rounds',
  'missing-text',
  'secret',
  // other files
  'log',
  'missing-dataset',
  'private-dataset',
  'sample-line',
  'check',
  'prompt-template',
  'prompt-field',
  'image',
] as const
/** Every code has a case in `test/invalid/`. */
export type ProblemCode = (typeof problemCodes)[number]

/** A problem without its place in the file. */
export interface ProblemDetails {
  readonly code: ProblemCode
  /** Absent for an error. */
  readonly severity?: 'warning'
  readonly message: string
  readonly hint?: string | undefined
}

export interface Problem {
  readonly code: ProblemCode
  readonly severity: 'error' | 'warning'
  /** What is wrong, with values in backticks: one line without control codes. */
  readonly message: string
  /** What to do now. */
  readonly hint?: string
  readonly file: string
  /** From 1. */
  readonly line: number
  /** From 1, in UTF-16 code units. */
  readonly column: number
  /** Length of the underlined text, at least 1. */
  readonly length: number
}

/** Compares by file, then position, then severity: errors come before warnings. */
export function byPosition(a: Problem, b: Problem): number {
  if (a.file !== b.file) return a.file < b.file ? -1 : 1
  return (
    a.line - b.line ||
    a.column - b.column ||
    Number(a.severity === 'warning') - Number(b.severity === 'warning')
  )
}

/** Removes duplicates. The levels of a load share most of their settings, and therefore most problems. */
export function eachOnce(problems: readonly Problem[]): readonly Problem[] {
  const seen = new Set<string>()
  return problems.filter(({ file, line, column, code }) => {
    const place = `${file} ${line} ${column} ${code}`
    return seen.size !== seen.add(place).size
  })
}
