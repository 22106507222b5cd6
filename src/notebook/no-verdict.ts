/** Why hypotheses of a version have no verdict, as texts. */
import { idsByReason } from '../report/verdict-lines.ts'
import type { Lock } from './lock.ts'
import { verdictIcon, type NotebookWords } from './template-files.ts'

/** By hypothesis id, in the locale of the lock. */
export type Reasons = ReadonlyMap<string, string>

/**
 * A line for each distinct reason, with the hypotheses that have no verdict because of it.
 * @param known the reasons, as far as they are known; the others are in the report
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

/** The claims of a version. Those of a stand-in have no verdicts, although older programs stored some. */
export function judgedClaims({ claims, standIn }: Lock): Lock['claims'] {
  if (!standIn) return claims
  return Object.fromEntries(
    Object.entries(claims).map(([id, { measured, ...claim }]) => [
      id,
      { ...claim, verdict: 'none' as const },
    ]),
  )
}
