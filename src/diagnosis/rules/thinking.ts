/** One side thinks before it answers: thinking is on by default since 0.12.4, and its tokens count. */
import { isPair, keyOf } from '../case.ts'
import { found, ruledOut, unchecked } from '../examination.ts'
import type { Rule } from '../rule.ts'
import { shareOfRequests } from '../seen.ts'
import { config, percent, statement } from '../statement.ts'
import { tokenStatement } from '../tokens.ts'

/** Shares of requests that think which are no further apart are alike, in points. */
const tolerancePoints = 5

export const thinking: Rule = (given) => {
  if (!isPair(given)) return undefined
  const { subject, reference, gap } = given
  const [own, other] = [subject, reference].map((each) =>
    shareOfRequests(each, ({ tallies }) => tallies.thinking),
  )
  if (own === undefined) return unchecked('thinking', keyOf(subject), 'requests')
  if (other === undefined) return unchecked('thinking', keyOf(reference), 'requests')
  if (own === 0)
    return ruledOut('thinking', statement('thinking.none', { config: config(keyOf(subject)) }))
  if (own - other <= tolerancePoints)
    return ruledOut('thinking', statement('thinking.alike', { share: percent(own) }))
  return found('thinking', {
    configs: [keyOf(subject)],
    sureness: 'proven',
    evidence: [
      statement('thinking.share', {
        config: config(keyOf(subject)),
        share: percent(own),
        reference: config(keyOf(reference)),
        referenceShare: percent(other),
      }),
      ...tokenStatement(given),
    ],
    share: 'at-most',
    claims: gap === undefined ? {} : { moreTokens: gap.parts.moreTokens },
    fixes: [
      {
        code: 'no-thinking',
        config: keyOf(subject),
        settings: [{ kind: 'request', name: 'think', value: false }],
      },
    ],
  })
}
