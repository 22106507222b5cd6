import { type JudgedResults, unmetGates } from '../analysis/hypothesis.ts'
import { oneLine } from '../format/plain-text.ts'
import { exitCodes, type ExitCode } from './exit-code.ts'
import type { Io } from './io.ts'

/** Names each gated hypothesis that is not supported, on stderr. */
export function printUnmetGates(analysis: JudgedResults, io: Io): ExitCode {
  const unmet = unmetGates(analysis)
  for (const { hypothesis, verdict } of unmet) {
    const why = analysis.standIn
      ? 'its results are of the stand-in engine'
      : `its verdict is ${verdict.code}`
    io.stderr.write(
      `gate: ${hypothesis.id} (${oneLine(hypothesis.statement)}) is not supported: ${why}\n`,
    )
  }
  return unmet.length > 0 ? exitCodes.findings : exitCodes.done
}
