/** The verdicts as plain lines, for the terminal. */
import type { HypothesisResult } from '../analysis/analysis.ts'
import type { Context } from './context.ts'
import { measuredText, targetText } from './hypothesis-table.ts'
import { reasonText } from './verdict-notes.ts'

/** A line per hypothesis: the verdict, with the measured value and the target, or with the reason why there is none. */
export function verdictLines(context: Context): readonly string[] {
  return context.analysis.hypotheses.map((result) => verdictLine(result, context))
}

function verdictLine(result: HypothesisResult, context: Context): string {
  const { words } = context
  const { code, reason } = result.verdict
  const values = { id: result.hypothesis.id, verdict: words.text(`verdict.${code}`) }
  return reason === undefined
    ? words.text('answer.verdict', {
        ...values,
        measured: measuredText(result, words),
        target: targetText(result, words),
      })
    : words.text('answer.noVerdict', { ...values, reason: reasonText(reason, context) })
}
