/**
 * One side writes longer answers, so it decodes more tokens. The rule does not apply if thinking or a limit explains
 * this.
 */
import { figureOf, keyOf } from '../config-facts.ts'
import { sameAnswerLimit } from '../next-plan.ts'
import {
  defineRule,
  found,
  hasReference,
  ruledOut,
  unchecked,
  type RuleInput,
  type RuleResult,
} from '../rule.ts'
import { statementOf, tokens, answerLengthStatement } from '../statement.ts'
import { cutAnswers } from './cut-answers.ts'
import { thinking } from './thinking.ts'

/** Mean lengths count as equal if they differ by at most this share. */
const tolerance = 0.02

const statements = {
  'tokens.alike': ['tokens', 'referenceTokens'],
} as const
const statement = statementOf(statements)

export const answerLength = defineRule({
  id: 'answer-length',
  references: [],
  statements,
  next: sameAnswerLimit,
  examine,
})

function examine(input: RuleInput): RuleResult {
  if (!hasReference(input)) return undefined
  const { subject, reference, gap } = input
  const [subjectTokens, referenceTokens] = [
    figureOf(subject, 'outputTokens'),
    figureOf(reference, 'outputTokens'),
  ]
  if (subjectTokens === undefined) return unchecked(keyOf(subject), 'requests')
  if (referenceTokens === undefined) return unchecked(keyOf(reference), 'requests')
  if (subjectTokens <= referenceTokens * (1 + tolerance))
    return ruledOut(
      statement('tokens.alike', {
        tokens: tokens(subjectTokens),
        referenceTokens: tokens(referenceTokens),
      }),
    )
  if ([thinking, cutAnswers].some(({ examine }) => examine(input)?.outcome === 'found'))
    return undefined
  return found({
    configs: [keyOf(subject)],
    certainty: 'proven',
    evidence: answerLengthStatement(input),
    cost: 'measured',
    maxMs: gap === undefined ? {} : { moreTokens: gap.parts.moreTokens },
    fixes: [
      {
        code: 'equal-limit',
        config: keyOf(subject),
        settings: [{ kind: 'option', name: 'num_predict', value: Math.ceil(referenceTokens) }],
      },
    ],
  })
}
