/** `--gate`: the gated hypotheses that are not supported, and the error if no hypothesis is gated. */
import { type JudgedResults, unmetGates } from '../analysis/hypothesis.ts'
import { ExpError } from '../errors/exp-error.ts'
import { oneLine } from '../format/plain-text.ts'
import { exitCodes, type ExitCode } from './exit-code.ts'
import type { Io } from './io.ts'
import type { TerminalWords } from './terminal-words.ts'

/** A gated hypothesis that is not supported. */
export interface UnmetGate {
  readonly hypothesis: string
  /** What to print. */
  readonly message: string
}

/** The gated hypotheses that are not supported, in the file's order. */
export function unmetGateMessages(
  analysis: JudgedResults,
  words: TerminalWords,
): readonly UnmetGate[] {
  return unmetGates(analysis).map(({ hypothesis: { id, statement }, verdict }) => {
    const values = { hypothesis: id, statement: oneLine(statement) }
    const message = analysis.standIn
      ? words.text('run.gateStandIn', values)
      : words.text('run.gate', { ...values, verdict: verdict.code })
    return { hypothesis: id, message }
  })
}

/** Prints each gated hypothesis that is not supported, on stderr. Returns `findings` if there are any. */
export function printUnmetGates(analysis: JudgedResults, words: TerminalWords, io: Io): ExitCode {
  const unmet = unmetGateMessages(analysis, words)
  for (const { message } of unmet) io.stderr.write(`${message}\n`)
  return unmet.length > 0 ? exitCodes.findings : exitCodes.done
}

/** The error for `--gate` if no hypothesis is gated. Without this error, a gate that tests nothing would pass. */
export function nothingGated(): ExpError {
  return new ExpError(
    'findings',
    'no hypothesis is gated, so `--gate` has nothing to check',
    'add `gate: true` to the hypotheses that must hold, or run without `--gate`',
  )
}
