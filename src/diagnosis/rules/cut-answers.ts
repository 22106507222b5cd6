/** Answers of one side are cut off at `num_predict` more often: the other side is slower because it finishes them. */
import type { ConfigAnalysis } from '../../analysis/analysis.ts'
import { isPair, keyOf } from '../case.ts'
import { found, ruledOut, those, unchecked } from '../examination.ts'
import type { Rule } from '../rule.ts'
import { shareOfRequests } from '../seen.ts'
import { config, percent, statement, tokens } from '../statement.ts'
import { tokenStatement } from '../tokens.ts'

/** As the audit `cutShort`: shares no further apart are alike, in points. */
const tolerancePoints = 1

export const cutAnswers: Rule = (given) => {
  if (!isPair(given)) return undefined
  const { subject, reference, gap } = given
  const [own, other] = [cutShare(subject), cutShare(reference)]
  if (own === undefined) return unchecked('cut-answers', keyOf(subject), 'requests')
  if (other === undefined) return unchecked('cut-answers', keyOf(reference), 'requests')
  if (own === 0 && other === 0) return ruledOut('cut-answers', statement('cut.none', {}))
  if (Math.abs(own - other) <= tolerancePoints && limitOf(subject) === limitOf(reference))
    return ruledOut('cut-answers', statement('cut.alike', { share: percent(own) }))
  const [cutter, limit] = limited(subject, reference, own, other)
  return found('cut-answers', {
    configs: [keyOf(cutter)],
    sureness: 'proven',
    evidence: those(
      statement('cut.share', {
        config: config(keyOf(subject)),
        share: percent(own),
        reference: config(keyOf(reference)),
        referenceShare: percent(other),
      }),
      limit !== undefined &&
        statement('cut.limit', { config: config(keyOf(cutter)), limit: tokens(limit) }),
      ...tokenStatement(given),
    ),
    share: 'measured',
    claims: gap === undefined ? {} : { moreTokens: gap.parts.moreTokens },
    fixes: [
      {
        code: 'equal-limit',
        config: keyOf(cutter),
        settings: [equalLimit(cutter === subject ? reference : subject)],
      },
    ],
  })
}

function cutShare(each: ConfigAnalysis): number | undefined {
  return shareOfRequests(each, ({ tallies }) => tallies.doneReasons.get('length') ?? 0)
}

function limitOf({ config: { options } }: ConfigAnalysis): number | undefined {
  const limit = options['num_predict']
  return typeof limit === 'number' && limit > 0 ? limit : undefined
}

/** The side whose answers are cut at fewer tokens, and at how many. */
function limited(
  subject: ConfigAnalysis,
  reference: ConfigAnalysis,
  own: number,
  other: number,
): readonly [ConfigAnalysis, number | undefined] {
  const [subjectLimit, referenceLimit] = [limitOf(subject), limitOf(reference)]
  const fewer =
    (referenceLimit ?? Infinity) < (subjectLimit ?? Infinity) ||
    ((referenceLimit ?? Infinity) === (subjectLimit ?? Infinity) && other > own)
  return fewer ? [reference, referenceLimit] : [subject, subjectLimit]
}

function equalLimit(other: ConfigAnalysis) {
  const limit = limitOf(other)
  return {
    kind: 'option' as const,
    name: 'num_predict',
    ...(limit === undefined ? {} : { value: limit }),
  }
}
