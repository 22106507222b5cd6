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

/** What `exp --help` says about each code. */
export const exitCodeMeanings: Readonly<Record<ExitCode, string>> = {
  0: 'done',
  1: 'findings: a stale report, a gate that is not met, or a loss in a rerun',
  2: 'invalid input, or a run over its budget that nobody confirmed',
  3: 'this machine lacks something',
  4: 'incomplete: some trials failed or were skipped, or a rerun is inconclusive',
  70: 'an internal error of exp',
  130: 'interrupted',
}

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
