/** One side thinks before it answers: thinking is on by default since 0.12.4, and its tokens count. */
import type { ConfigAnalysis } from '../../analysis/analysis.ts'
import { hasReference, keyOf } from '../case.ts'
import { found, ruledOut, unchecked } from '../examination.ts'
import type { Rule } from '../rule.ts'
import { shareOfRequests, textOf } from '../config-facts.ts'
import { config, percent, statement } from '../statement.ts'
import { tokenStatement } from '../tokens.ts'

/** Shares of requests that think which are no further apart are alike, in points. */
const tolerancePoints = 5

export const thinking: Rule = (given) => {
  if (!hasReference(given)) return undefined
  const { subject, reference, gap } = given
  const [own, other] = [subject, reference].map((each) =>
    shareOfRequests(each, ({ tallies }) => tallies.thinking),
  )
  if (own === undefined) return unchecked('thinking', keyOf(subject), 'requests')
  if (other === undefined) return unchecked('thinking', keyOf(reference), 'requests')
  if (own === 0 && mayThinkUnseen(subject))
    return unchecked('thinking', keyOf(subject), 'inlineThinking')
  if (own === 0)
    return ruledOut('thinking', statement('thinking.none', { config: config(keyOf(subject)) }))
  if (own - other <= tolerancePoints)
    return ruledOut('thinking', statement('thinking.alike', { share: percent(own) }))
  return found('thinking', {
    configs: [keyOf(subject)],
    certainty: 'proven',
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

/** Until 0.12.4 a model that nobody told whether to think did so in the text of its answer, unmarked. */
function mayThinkUnseen(side: ConfigAnalysis): boolean {
  if (side.config.kind === 'recorded' || side.config.workload.think !== undefined) return false
  const [version, capabilities] = [textOf(side, 'serverVersion'), textOf(side, 'capabilities')]
  if (capabilities !== undefined && !capabilities.includes('"thinking"')) return false
  return version === undefined || isBefore(version, [0, 12, 4])
}

/** A build from source calls itself 0.0.0, and is none of old. */
function isBefore(version: string, than: readonly number[]): boolean {
  const parts = /^v?(\d+)\.(\d+)\.(\d+)/.exec(version)?.slice(1).map(Number) ?? []
  const index = than.findIndex((part, at) => parts[at] !== part)
  const isBuild = parts.every((part) => part === 0)
  return !isBuild && index >= 0 && (parts[index] ?? 0) < (than[index] ?? 0)
}
