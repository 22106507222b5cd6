/** One side cuts off more answers at `num_predict`. The other side is slower, because it completes these answers. */
import type { ConfigAnalysis } from '../../analysis/analysis.ts'
import { cutShareDifference } from '../../analysis/audits/cut-short.ts'
import { endedTrials, isMeasured, keyOf, total } from '../config-facts.ts'
import { sameAnswerLimit } from '../next-plan.ts'
import {
  defineRule,
  found,
  hasReference,
  ruledOut,
  unchecked,
  type MissingFact,
  type RuleInput,
  type RuleResult,
} from '../rule.ts'
import {
  config,
  onlyDefined,
  percent,
  statementOf,
  tokens,
  answerLengthStatement,
} from '../statement.ts'

const statements = {
  'cut.share': ['config', 'share', 'reference', 'referenceShare'],
  'cut.limit': ['config', 'limit'],
  'cut.none': [],
  'cut.alike': ['config', 'share', 'reference', 'referenceShare'],
} as const
const statement = statementOf(statements)

export const cutAnswers = defineRule({
  id: 'cut-answers',
  references: ['Ollama docs/modelfile.mdx'],
  statements,
  next: sameAnswerLimit,
  examine,
})

function examine(input: RuleInput): RuleResult {
  if (!hasReference(input)) return undefined
  const { subject, reference, gap } = input
  const [subjectShare, referenceShare] = [cutShare(subject), cutShare(reference)]
  if (subjectShare === undefined) return unchecked(keyOf(subject), missingOf(subject))
  if (referenceShare === undefined) return unchecked(keyOf(reference), missingOf(reference))
  if (subjectShare === 0 && referenceShare === 0) return ruledOut(statement('cut.none', {}))
  const shares = {
    config: config(keyOf(subject)),
    share: percent(subjectShare),
    reference: config(keyOf(reference)),
    referenceShare: percent(referenceShare),
  }
  if (areAlike(subject, reference, subjectShare, referenceShare))
    return ruledOut(statement('cut.alike', shares))
  const cutter = cutterOf(subject, reference, subjectShare, referenceShare)
  // Cut answers are shorter, so they cannot make the subject slower.
  if (cutter === subject) return ruledOut(statement('cut.share', shares))
  const limit = limitOf(reference)
  return found({
    configs: [keyOf(cutter)],
    certainty: 'proven',
    evidence: onlyDefined(
      statement('cut.share', shares),
      limit !== undefined &&
        statement('cut.limit', { config: config(keyOf(cutter)), limit: tokens(limit) }),
      ...answerLengthStatement(input),
    ),
    cost: 'measured',
    maxMs: gap === undefined ? {} : { moreTokens: gap.parts.moreTokens },
    fixes: [
      {
        code: 'equal-limit',
        config: keyOf(cutter),
        settings: [equalLimit(subject)],
      },
    ],
  })
}

/** Percent of answers that reached the limit; `undefined` if the server does not say why answers end. */
function cutShare(each: ConfigAnalysis): number | undefined {
  const known = total(each, ({ tallies }) =>
    [...tallies.doneReasons.values()].reduce((sum, count) => sum + count, 0),
  )
  if (known === 0) return undefined
  return (total(each, ({ tallies }) => tallies.doneReasons.get('length')) / known) * 100
}

function missingOf(side: ConfigAnalysis): MissingFact {
  return isMeasured(side) ? 'doneReason' : 'requests'
}

function limitOf({ config: { options } }: ConfigAnalysis): number | undefined {
  const limit = options['num_predict']
  return typeof limit === 'number' && limit > 0 ? limit : undefined
}

/** True if both sides have the same limit and nothing proves that their shares differ. */
function areAlike(
  subject: ConfigAnalysis,
  reference: ConfigAnalysis,
  subjectShare: number,
  referenceShare: number,
): boolean {
  if (limitOf(subject) !== limitOf(reference)) return subjectShare === 0 && referenceShare === 0
  const sideOf = (each: ConfigAnalysis) => ({ config: each.config, ended: endedTrials(each) })
  return cutShareDifference(sideOf(reference), sideOf(subject))?.kind !== 'different'
}

/** The side with the lower limit; if both have the same limit, the side with more cut answers. */
function cutterOf(
  subject: ConfigAnalysis,
  reference: ConfigAnalysis,
  subjectShare: number,
  referenceShare: number,
): ConfigAnalysis {
  const [subjectLimit, referenceLimit] = [limitOf(subject), limitOf(reference)]
  const isReference =
    (referenceLimit ?? Infinity) < (subjectLimit ?? Infinity) ||
    ((referenceLimit ?? Infinity) === (subjectLimit ?? Infinity) && referenceShare > subjectShare)
  return isReference ? reference : subject
}

function equalLimit(side: ConfigAnalysis) {
  const limit = limitOf(side)
  return {
    kind: 'option' as const,
    name: 'num_predict',
    ...(limit === undefined ? {} : { value: limit }),
  }
}
