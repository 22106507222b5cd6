/** Answers of one side are cut off at `num_predict` more often: the other side is slower because it finishes them. */
import type { ConfigAnalysis } from '../../analysis/analysis.ts'
import { hasReference, keyOf } from '../case.ts'
import type { MissingFact } from '../diagnosis.ts'
import { found, ruledOut, onlyDefined, unchecked } from '../examination.ts'
import type { Rule } from '../rule.ts'
import { isMeasured, total } from '../config-facts.ts'
import { config, percent, statement, tokens } from '../statement.ts'
import { tokenStatement } from '../tokens.ts'

/** As the audit `cutShort`: shares no further apart are alike, in points. */
const tolerancePoints = 1
/** Standard errors within which shares differ by chance. */
const chance = 3

export const cutAnswers: Rule = (given) => {
  if (!hasReference(given)) return undefined
  const { subject, reference, gap } = given
  const [own, other] = [cutShare(subject), cutShare(reference)]
  if (own === undefined) return unchecked('cut-answers', keyOf(subject), missingOf(subject))
  if (other === undefined) return unchecked('cut-answers', keyOf(reference), missingOf(reference))
  if (own === 0 && other === 0) return ruledOut('cut-answers', statement('cut.none', {}))
  const shares = {
    config: config(keyOf(subject)),
    share: percent(own),
    reference: config(keyOf(reference)),
    referenceShare: percent(other),
  }
  if (areAlike(subject, reference, own, other))
    return ruledOut('cut-answers', statement('cut.alike', shares))
  const cutter = limited(subject, reference, own, other)
  // Answers that are cut are shorter: that makes no side slower.
  if (cutter === subject) return ruledOut('cut-answers', statement('cut.share', shares))
  const limit = limitOf(reference)
  return found('cut-answers', {
    configs: [keyOf(cutter)],
    certainty: 'proven',
    evidence: onlyDefined(
      statement('cut.share', shares),
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
        settings: [equalLimit(subject)],
      },
    ],
  })
}

/** Undefined where a server does not say why answers end. */
function cutShare(each: ConfigAnalysis): number | undefined {
  const told = total(each, ({ tallies }) =>
    [...tallies.doneReasons.values()].reduce((sum, count) => sum + count, 0),
  )
  if (told === 0) return undefined
  return (total(each, ({ tallies }) => tallies.doneReasons.get('length')) / told) * 100
}

function missingOf(side: ConfigAnalysis): MissingFact {
  return isMeasured(side) ? 'doneReason' : 'requests'
}

function limitOf({ config: { options } }: ConfigAnalysis): number | undefined {
  const limit = options['num_predict']
  return typeof limit === 'number' && limit > 0 ? limit : undefined
}

/** The same limit, and shares that differ by no more than chance gives at that number of answers. */
function areAlike(
  subject: ConfigAnalysis,
  reference: ConfigAnalysis,
  own: number,
  other: number,
): boolean {
  if (limitOf(subject) !== limitOf(reference)) return own === 0 && other === 0
  const [one, two] = [subject, reference].map((side) => total(side, ({ tallies }) => tallies.ok))
  const mean = (own + other) / 200
  const error = Math.sqrt(mean * (1 - mean) * (1 / (one ?? NaN) + 1 / (two ?? NaN))) * 100
  return Math.abs(own - other) <= Math.max(tolerancePoints, chance * error)
}

/** The side whose answers are cut at fewer tokens; with one limit, the side where more are. */
function limited(
  subject: ConfigAnalysis,
  reference: ConfigAnalysis,
  own: number,
  other: number,
): ConfigAnalysis {
  const [subjectLimit, referenceLimit] = [limitOf(subject), limitOf(reference)]
  const fewer =
    (referenceLimit ?? Infinity) < (subjectLimit ?? Infinity) ||
    ((referenceLimit ?? Infinity) === (subjectLimit ?? Infinity) && other > own)
  return fewer ? reference : subject
}

function equalLimit(other: ConfigAnalysis) {
  const limit = limitOf(other)
  return {
    kind: 'option' as const,
    name: 'num_predict',
    ...(limit === undefined ? {} : { value: limit }),
  }
}
