/** The verdicts as plain lines, for the terminal. */
import type { HypothesisResult } from '../analysis/analysis.ts'
import type { Context } from './context.ts'
import { measuredText, targetText } from './hypothesis-table.ts'
import { reasonText } from './verdict-notes.ts'

/**
 * A line for each verdict, with the measured value and the target, then a line for each reason why there is no verdict,
 * with all hypotheses that it concerns.
 */
export function verdictLines(context: Context): readonly string[] {
  const { words, analysis } = context
  const judged = analysis.hypotheses.filter(({ verdict }) => verdict.reason === undefined)
  return [
    ...judged.map((result) => verdictLine(result, context)),
    ...idsByReason(verdictReasons(context)).map(([reason, ids]) =>
      words.text('answer.noVerdict', {
        id: ids.join(words.text('join.list')),
        verdict: words.text('verdict.none'),
        reason,
      }),
    ),
  ]
}

function verdictLine(result: HypothesisResult, { words }: Context): string {
  return words.text('answer.verdict', {
    id: result.hypothesis.id,
    verdict: words.text(`verdict.${result.verdict.code}`),
    measured: measuredText(result, words),
    target: targetText(result, words),
  })
}

/** Why hypotheses have no verdict, by id. */
export function verdictReasons(
  context: Pick<Context, 'analysis' | 'words' | 'labels'>,
): ReadonlyMap<string, string> {
  return new Map(
    context.analysis.hypotheses.flatMap(({ hypothesis: { id }, verdict: { reason } }) =>
      reason === undefined ? [] : [[id, reasonText(reason, context)]],
    ),
  )
}

/** Each distinct reason with the ids of its hypotheses. */
export function idsByReason(
  reasons: ReadonlyMap<string, string>,
): readonly (readonly [reason: string, ids: readonly string[]])[] {
  const ids = new Map<string, string[]>()
  for (const [id, reason] of reasons) ids.set(reason, [...(ids.get(reason) ?? []), id])
  return [...ids]
}
