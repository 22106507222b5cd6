/** Exit codes: 0 done, 1 findings, 2 invalid input, 3 the environment lacks something, 4 incomplete, 70 a bug, 130 interrupted. */
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

const byError: Readonly<Record<ErrorCode, ExitCode>> = {
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
  return byError[code]
}

/** Of several outcomes the one to exit with: the highest of 1 to 4, unless a bug or an interruption outranks them. */
export function worstExitCode(codes: readonly ExitCode[]): ExitCode {
  return codes.reduce((worse, code) => (code > worse ? code : worse), exitCodes.done)
}
