import { ExpError, type ErrorCode } from '../errors/exp-error.ts'
import { type JudgedResults, unmetGates } from '../analysis/hypothesis.ts'
import { oneLine } from '../format/plain-text.ts'
import type { Io } from './io.ts'
import type { TerminalWords } from './terminal-words.ts'

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

/** Prints each gated hypothesis that is not supported, on stderr. Returns `findings` if there are any. */
export function printUnmetGates(analysis: JudgedResults, words: TerminalWords, io: Io): ExitCode {
  const unmet = unmetGates(analysis)
  for (const { hypothesis, verdict } of unmet) {
    const values = { hypothesis: hypothesis.id, statement: oneLine(hypothesis.statement) }
    const line = analysis.standIn
      ? words.say('run.gateStandIn', values)
      : words.say('run.gate', { ...values, verdict: verdict.code })
    io.stderr.write(`${line}\n`)
  }
  return unmet.length > 0 ? exitCodes.findings : exitCodes.done
}

/** The error for `--gate` where no hypothesis is gated. Without it, a gate that tests nothing would pass. */
export function nothingGated(): ExpError {
  return new ExpError(
    'findings',
    'no hypothesis is gated, so `--gate` has nothing to check',
    'add `gate: true` to the hypotheses that must hold, or run without `--gate`',
  )
}
