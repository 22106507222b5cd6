/** The error class of `exp`. Every room may import this room; this room imports no other. */

export const errorCodes = [
  'invalid-input', // exit 2
  'over-budget', // exit 2
  'environment', // exit 3: this machine lacks something that the command needs
  'findings', // exit 1
  'incomplete', // exit 4
  'interrupted', // exit 130
  'result-file', // exit 2: a stored result is damaged in the middle
  'edited', // exit 1: text changed outside a keep block
  'template', // exit 2
] as const
export type ErrorCode = (typeof errorCodes)[number]

/** An error that the user can fix. Anything else that is thrown is a bug, and is shown with its stack. */
export class ExpError extends Error {
  readonly code: ErrorCode
  /** The lines of the message. A line break inside a line belongs to a value, and is printed as a space. */
  readonly lines: readonly string[]
  /** What the user can do now. */
  readonly hint: string | undefined
  /** @param message what happened, with values in backticks; more than one line for a list or a diff */
  constructor(code: ErrorCode, message: string | readonly string[], hint?: string) {
    const lines = typeof message === 'string' ? [message] : message
    super(lines.join('\n'))
    this.name = 'ExpError'
    this.code = code
    this.lines = lines
    this.hint = hint
  }
}
