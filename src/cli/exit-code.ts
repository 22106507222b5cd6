import type { ErrorCode } from '../errors/exp-error.ts'

export const exitCodes = {
  done: 0,
  findings: 1,
  invalid: 2,
  environment: 3,
  incomplete: 4,
  bug: 70,
  interrupted: 130,
} as const
export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes]

const codeByError: Readonly<Record<ErrorCode, ExitCode>> = {
  'invalid-input': exitCodes.invalid,
  'over-budget': exitCodes.invalid,
  'result-file': exitCodes.invalid,
  template: exitCodes.invalid,
  environment: exitCodes.environment,
  findings: exitCodes.findings,
  edited: exitCodes.findings,
  incomplete: exitCodes.incomplete,
  interrupted: exitCodes.interrupted,
}

export function exitCodeOf(code: ErrorCode): ExitCode {
  return codeByError[code]
}

/** The highest of the codes; `done` for an empty list. */
export function worstExitCode(codes: readonly ExitCode[]): ExitCode {
  return codes.reduce((worse, code) => (code > worse ? code : worse), exitCodes.done)
}
