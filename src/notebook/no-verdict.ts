/** The reasons why hypotheses of a version have no verdict, as texts. */
import { idsByReason } from '../report/verdict-lines.ts'
import type { Lock } from './lock.ts'
import { verdictIcon, type NotebookWords } from './template-files.ts'

/** The reason by hypothesis id, in the locale of the lock. */
export type Reasons = ReadonlyMap<string, string>

/**
 * A line for each distinct reason, with the hypotheses that have no verdict because of it.
 * @param known the known reasons; for any other hypothesis, the line refers to the report
 */
export function reasonLines(
  { claims, standIn }: Lock,
  known: Reasons,
  words: NotebookWords,
): readonly string[] {
  const without = Object.entries(claims).filter(([, { verdict }]) => standIn || verdict === 'none')
  const other = words.text(standIn ? 'noVerdict.standIn' : 'noVerdict.inReport')
  const reasons = new Map(
    without.map(([id]) => [id, (standIn ? undefined : known.get(id)) ?? other]),
  )
  return idsByReason(reasons).map(([reason, ids]) =>
    words.text('noVerdict.line', {
      ids: ids.join(words.text('join.list')),
      verdict: verdictIcon('none', words),
      reason,
    }),
  )
}

/** The claims of a version. For a stand-in, removes the verdicts that older programs stored. */
export function judgedClaims({ claims, standIn }: Lock): Lock['claims'] {
  if (!standIn) return claims
  return Object.fromEntries(
    Object.entries(claims).map(([id, { measured, ...claim }]) => [
      id,
      { ...claim, verdict: 'none' as const },
    ]),
  )
}
