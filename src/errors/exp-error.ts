/** The one error class: something that its reader can mend. Anything else thrown is a bug and shows its stack. */

export const errorCodes = [
  'invalid-input', // exit 2
  'over-budget', // exit 2
  'environment', // exit 3: something is missing here, found before measuring
  'findings', // exit 1
  'incomplete', // exit 4
  'interrupted', // exit 130
  'result-file', // exit 2: a stored result is broken in the middle
  'edited', // exit 1: text changed outside a keep block
  'template', // exit 2
] as const
export type ErrorCode = (typeof errorCodes)[number]

export class ExpError extends Error {
  readonly code: ErrorCode
  /** What to do now. */
  readonly hint: string | undefined
  /** @param message what happened, values in backticks */
  constructor(code: ErrorCode, message: string, hint?: string) {
    super(message)
    this.name = 'ExpError'
    this.code = code
    this.hint = hint
  }
}
