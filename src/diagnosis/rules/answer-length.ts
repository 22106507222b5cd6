/** One side writes longer answers: more tokens to decode, at whatever speed. Why, the rules of limits and thinking may know. */
import { hasReference, keyOf } from '../case.ts'
import { found, ruledOut, unchecked } from '../examination.ts'
import type { Rule } from '../rule.ts'
import { figureOf } from '../config-facts.ts'
import { statement, tokens } from '../statement.ts'
import { tokenStatement } from '../tokens.ts'
import { cutAnswers } from './cut-answers.ts'
import { thinking } from './thinking.ts'

/** Means no further apart than this share are alike. */
const tolerance = 0.02

export const answerLength: Rule = (given) => {
  if (!hasReference(given)) return undefined
  const { subject, reference, gap } = given
  const [own, other] = [figureOf(subject, 'outputTokens'), figureOf(reference, 'outputTokens')]
  if (own === undefined) return unchecked('answer-length', keyOf(subject), 'requests')
  if (other === undefined) return unchecked('answer-length', keyOf(reference), 'requests')
  if (own <= other * (1 + tolerance))
    return ruledOut(
      'answer-length',
      statement('tokens.alike', { tokens: tokens(own), referenceTokens: tokens(other) }),
    )
  if ([thinking, cutAnswers].some((rule) => rule(given)?.outcome === 'found')) return undefined
  return found('answer-length', {
    configs: [keyOf(subject)],
    certainty: 'proven',
    evidence: tokenStatement(given),
    share: 'measured',
    claims: gap === undefined ? {} : { moreTokens: gap.parts.moreTokens },
    fixes: [
      {
        code: 'equal-limit',
        config: keyOf(subject),
        settings: [{ kind: 'option', name: 'num_predict', value: Math.ceil(other) }],
      },
    ],
  })
}
