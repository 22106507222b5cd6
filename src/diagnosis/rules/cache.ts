/** The faster side finds prompts, or their beginnings, in its prompt cache and does not read them again. */
import type { ConfigAnalysis } from '../../analysis/analysis.ts'
import { templateTokens } from '../../analysis/audits/time-audits.ts'
import { hasReference, keyOf, type PairInput } from '../case.ts'
import type { Found, Unchecked } from '../diagnosis.ts'
import { found, ruledOut, onlyDefined, unchecked } from '../examination.ts'
import type { Rule } from '../rule.ts'
import { endedTrials, figureOf, isMeasured, textOf, total } from '../config-facts.ts'
import { config, ms, percent, statement, times, tokens, type Statement } from '../statement.ts'

/** Shares of cached prompt tokens no further apart are alike, in points: a system prompt is cached on both sides. */
const tolerancePoints = 10
/** Prefill of a repeated sample that is so many times shorter came out of the cache. */
const collapseLimit = 5

export const cache: Rule = (given) => {
  if (!hasReference(given)) return undefined
  const { subject, reference } = given
  const [own, other] = [cachedShare(subject, reference), cachedShare(reference, subject)]
  if (own !== undefined && other !== undefined) {
    if (other - own <= tolerancePoints)
      return ruledOut(
        'cache',
        statement('cache.alike', { share: percent(own), referenceShare: percent(other) }),
      )
    const more = hitsARequest(reference) - hitsARequest(subject)
    if (more > templateTokens) return hits(given, own, other)
    return ruledOut(
      'cache',
      statement('cache.template', { config: config(keyOf(reference)), more: tokens(more) }),
    )
  }
  // Where one side alone names its hits, repeats that do not collapse say nothing of the other.
  if (own !== undefined || other !== undefined)
    return untold(own === undefined ? subject : reference)
  const [ownCollapse, collapse] = [collapseOf(subject), collapseOf(reference)]
  if (collapse === undefined) return untold(reference)
  if (ownCollapse === undefined) return untold(subject)
  if (collapse < collapseLimit || ownCollapse >= collapseLimit)
    return ruledOut('cache', statement('cache.no-collapse', { times: times(collapse) }))
  return finding(given, 'likely', [
    statement('cache.collapse', { config: config(keyOf(reference)), times: times(collapse) }),
  ])
}

function untold(side: ConfigAnalysis): Unchecked {
  return unchecked('cache', keyOf(side), isMeasured(side) ? 'cachedTokens' : 'requests')
}

function hits(given: PairInput, own: number, other: number): Found {
  const { subject, reference } = given
  return finding(given, 'proven', [
    statement('cache.share', {
      config: config(keyOf(subject)),
      share: percent(own),
      reference: config(keyOf(reference)),
      referenceShare: percent(other),
    }),
  ])
}

function finding(
  given: PairInput,
  certainty: Found['certainty'],
  evidence: readonly Statement[],
): Found {
  const { subject, reference, gap } = given
  const [own, other] = [figureOf(subject, 'prefill'), figureOf(reference, 'prefill')]
  return found('cache', {
    configs: [keyOf(reference)],
    certainty,
    evidence: onlyDefined(
      ...evidence,
      own !== undefined &&
        other !== undefined &&
        statement('cache.prefill', {
          config: config(keyOf(subject)),
          prefill: ms(own),
          reference: config(keyOf(reference)),
          referencePrefill: ms(other),
        }),
    ),
    share: 'at-most',
    claims: gap === undefined ? {} : { prefill: gap.parts.prefill },
    fixes: [
      {
        code: 'unique-prompts',
        config: keyOf(reference),
        settings: [{ kind: 'client', name: 'cache', value: 'cold' }],
      },
    ],
  })
}

/** Percent of all prompt tokens; undefined where the server does not tell. */
function cachedShare(side: ConfigAnalysis, beside: ConfigAnalysis): number | undefined {
  const prompt = total(side, ({ tallies }) => tallies.promptTokens)
  if (prompt === 0 || !(tellsHits(side) || isLikeOneThatTells(side, beside))) return undefined
  return (total(side, ({ tallies }) => tallies.cachedTokens) / prompt) * 100
}

/** Tokens; a server that is kept has the first of a chat template, whatever it is asked. */
function hitsARequest(side: ConfigAnalysis): number {
  return (
    total(side, ({ tallies }) => tallies.cachedTokens) / total(side, ({ tallies }) => tallies.ok)
  )
}

function tellsHits(side: ConfigAnalysis): boolean {
  return endedTrials(side).some(({ tallies }) => tallies.cachedTokens !== undefined)
}

/** A server that never has a hit leaves the field out; of one version, both would tell. */
function isLikeOneThatTells(side: ConfigAnalysis, beside: ConfigAnalysis): boolean {
  const version = textOf(side, 'serverVersion')
  return version !== undefined && version === textOf(beside, 'serverVersion') && tellsHits(beside)
}

/** The most that any trial has. */
function collapseOf(side: ConfigAnalysis): number | undefined {
  const collapses = endedTrials(side).flatMap(({ profile }) => profile.prefillCollapse ?? [])
  return collapses.length === 0 ? undefined : Math.max(...collapses)
}
