/** Only one side thinks before it answers. Thinking is on by default since 0.12.4, and its tokens count as output. */
import type { ConfigAnalysis } from '../../analysis/analysis.ts'
import { keyOf, shareOfRequests, textOf } from '../config-facts.ts'
import { sameOnBothSides } from '../next-plan.ts'
import {
  defineRule,
  found,
  hasReference,
  ruledOut,
  unchecked,
  type RuleInput,
  type RuleResult,
} from '../rule.ts'
import { config, percent, statementOf, answerLengthStatement } from '../statement.ts'

/** Shares of answers with thinking count as equal if they differ by at most this many points. */
const tolerancePoints = 5

const statements = {
  'thinking.share': ['config', 'share', 'reference', 'referenceShare'],
  'thinking.none': ['config'],
  'thinking.alike': ['share'],
} as const
const statement = statementOf(statements)

export const thinking = defineRule({
  id: 'thinking',
  references: ['ollama/ollama#12533', 'ollama/ollama#17843'],
  statements,
  next: sameOnBothSides(() => ({ think: false })),
  examine,
})

function examine(input: RuleInput): RuleResult {
  if (!hasReference(input)) return undefined
  const { subject, reference, gap } = input
  const [subjectShare, referenceShare] = [subject, reference].map((each) =>
    shareOfRequests(each, ({ tallies }) => tallies.thinking),
  )
  if (subjectShare === undefined) return unchecked(keyOf(subject), 'requests')
  if (referenceShare === undefined) return unchecked(keyOf(reference), 'requests')
  if (subjectShare === 0 && mayThinkUnseen(subject))
    return unchecked(keyOf(subject), 'inlineThinking')
  if (subjectShare === 0)
    return ruledOut(statement('thinking.none', { config: config(keyOf(subject)) }))
  if (subjectShare - referenceShare <= tolerancePoints)
    return ruledOut(statement('thinking.alike', { share: percent(subjectShare) }))
  return found({
    configs: [keyOf(subject)],
    certainty: 'proven',
    evidence: [
      statement('thinking.share', {
        config: config(keyOf(subject)),
        share: percent(subjectShare),
        reference: config(keyOf(reference)),
        referenceShare: percent(referenceShare),
      }),
      ...answerLengthStatement(input),
    ],
    cost: 'at-most',
    maxMs: gap === undefined ? {} : { moreTokens: gap.parts.moreTokens },
    fixes: [
      {
        code: 'no-thinking',
        config: keyOf(subject),
        settings: [{ kind: 'request', name: 'think', value: false }],
      },
    ],
  })
}

/** True if the answer's text may contain thinking that is not marked as such: before 0.12.4, if `think` is not set. */
function mayThinkUnseen(side: ConfigAnalysis): boolean {
  if (side.config.kind === 'recorded' || side.config.workload.think !== undefined) return false
  const [version, capabilities] = [textOf(side, 'serverVersion'), textOf(side, 'capabilities')]
  if (capabilities !== undefined && !capabilities.includes('"thinking"')) return false
  return version === undefined || isBefore(version, [0, 12, 4])
}

/** True if the version is older. A build from source reports 0.0.0, and counts as new. */
function isBefore(version: string, than: readonly number[]): boolean {
  const parts = /^v?(\d+)\.(\d+)\.(\d+)/.exec(version)?.slice(1).map(Number) ?? []
  const index = than.findIndex((part, at) => parts[at] !== part)
  const isBuild = parts.every((part) => part === 0)
  return !isBuild && index >= 0 && (parts[index] ?? 0) < (than[index] ?? 0)
}
