/** The faster side finds prompts, or their beginnings, in its prompt cache and does not process them again. */
import type { ConfigAnalysis } from '../../analysis/analysis.ts'
import { templateTokens } from '../../analysis/audits/time-audits.ts'
import type { CacheHits } from '../../analysis/request-profile.ts'
import { endedTrials, figureOf, isMeasured, keyOf, textOf, total } from '../config-facts.ts'
import { sameOnBothSides } from '../next-plan.ts'
import {
  defineRule,
  found,
  hasReference,
  ruledOut,
  unchecked,
  type Found,
  type PairInput,
  type RuleInput,
  type RuleResult,
  type Unchecked,
} from '../rule.ts'
import {
  config,
  ms,
  onlyDefined,
  percent,
  statementOf,
  times,
  tokens,
  type Statement,
} from '../statement.ts'

/**
 * Shares of cached prompt tokens count as equal if they differ by at most this many points. A small difference means
 * nothing, because both sides cache the system prompt.
 */
const tolerancePoints = 10
/**
 * If prefill of a repeated sample is at least this many times as fast as in its first request, the prompt was cached.
 */
const minSpeedup = 5

const statements = {
  'cache.share': ['config', 'share', 'reference', 'referenceShare'],
  'cache.fast-repeats': ['config', 'times'],
  'cache.prefill': ['config', 'prefill', 'reference', 'referencePrefill'],
  'cache.alike': ['share', 'referenceShare'],
  'cache.template': ['config', 'more'],
  'cache.no-fast-repeats': ['times'],
} as const
const statement = statementOf(statements)

export const cache = defineRule({
  id: 'cache',
  references: ['ollama/ollama#16428', 'ollama/ollama#17943'],
  statements,
  next: sameOnBothSides(({ subject: { config } }) =>
    config.kind === 'measured' && config.workload.cache === 'cold' ? undefined : { cache: 'cold' },
  ),
  examine,
})

function examine(input: RuleInput): RuleResult {
  if (!hasReference(input)) return undefined
  const { subject, reference } = input
  const [subjectHits, referenceHits] = [hitsOf(subject, reference), hitsOf(reference, subject)]
  if (subjectHits !== undefined && referenceHits !== undefined) {
    const [subjectShare, referenceShare] = [cachedShare(subjectHits), cachedShare(referenceHits)]
    if (referenceShare - subjectShare <= tolerancePoints)
      return ruledOut(
        statement('cache.alike', {
          share: percent(subjectShare),
          referenceShare: percent(referenceShare),
        }),
      )
    const more = perRequest(referenceHits) - perRequest(subjectHits)
    if (more > templateTokens) return moreHits(input, subjectShare, referenceShare)
    return ruledOut(
      statement('cache.template', { config: config(keyOf(reference)), more: tokens(more) }),
    )
  }
  // If only one side reports its hits, repeated samples say nothing about the other.
  if (subjectHits !== undefined || referenceHits !== undefined)
    return hitsUnknown(subjectHits === undefined ? subject : reference)
  const [subjectSpeedup, referenceSpeedup] = [repeatSpeedupOf(subject), repeatSpeedupOf(reference)]
  if (referenceSpeedup === undefined) return hitsUnknown(reference)
  if (subjectSpeedup === undefined) return hitsUnknown(subject)
  if (referenceSpeedup < minSpeedup || subjectSpeedup >= minSpeedup)
    return ruledOut(statement('cache.no-fast-repeats', { times: times(referenceSpeedup) }))
  return finding(input, 'likely', [
    statement('cache.fast-repeats', {
      config: config(keyOf(reference)),
      times: times(referenceSpeedup),
    }),
  ])
}

function hitsUnknown(side: ConfigAnalysis): Unchecked {
  return unchecked(keyOf(side), isMeasured(side) ? 'cachedTokens' : 'requests')
}

function moreHits(input: PairInput, subjectShare: number, referenceShare: number): Found {
  const { subject, reference } = input
  return finding(input, 'proven', [
    statement('cache.share', {
      config: config(keyOf(subject)),
      share: percent(subjectShare),
      reference: config(keyOf(reference)),
      referenceShare: percent(referenceShare),
    }),
  ])
}

function finding(
  input: PairInput,
  certainty: Found['certainty'],
  evidence: readonly Statement[],
): Found {
  const { subject, reference, gap } = input
  const [subjectPrefill, referencePrefill] = [
    figureOf(subject, 'prefill'),
    figureOf(reference, 'prefill'),
  ]
  return found({
    configs: [keyOf(reference)],
    certainty,
    evidence: onlyDefined(
      ...evidence,
      subjectPrefill !== undefined &&
        referencePrefill !== undefined &&
        statement('cache.prefill', {
          config: config(keyOf(subject)),
          prefill: ms(subjectPrefill),
          reference: config(keyOf(reference)),
          referencePrefill: ms(referencePrefill),
        }),
    ),
    cost: 'at-most',
    maxMs: gap === undefined ? {} : { prefill: gap.parts.prefill },
    fixes: [
      {
        code: 'unique-prompts',
        config: keyOf(reference),
        settings: [{ kind: 'client', name: 'cache', value: 'cold' }],
      },
    ],
  })
}

/** The hits that answers report or, where they do not, that the log shows; `undefined` if neither does. */
function hitsOf(side: ConfigAnalysis, other: ConfigAnalysis): CacheHits | undefined {
  const reported = {
    requests: total(side, ({ tallies }) => tallies.ok),
    promptTokens: total(side, ({ tallies }) => tallies.promptTokens),
    cachedTokens: total(side, ({ tallies }) => tallies.cachedTokens),
  }
  const logged = endedTrials(side).map(({ profile }) => profile.loggedCache)
  const hits = reportsHits(side)
    ? reported
    : (sumOf(logged) ?? (isOmittedBecauseZero(side, other) ? reported : undefined))
  return hits === undefined || hits.promptTokens === 0 ? undefined : hits
}

/** The sum over trials; `undefined` if a trial's hits are not known, or if there are no trials. */
function sumOf(all: readonly (CacheHits | undefined)[]): CacheHits | undefined {
  return all.reduce(
    (sum, each) =>
      sum &&
      each && {
        requests: sum.requests + each.requests,
        promptTokens: sum.promptTokens + each.promptTokens,
        cachedTokens: sum.cachedTokens + each.cachedTokens,
      },
    all.length === 0 ? undefined : { requests: 0, promptTokens: 0, cachedTokens: 0 },
  )
}

/** Percent of all prompt tokens. */
function cachedShare({ cachedTokens, promptTokens }: CacheHits): number {
  return (cachedTokens / promptTokens) * 100
}

/** The mean number of cached tokens of a request. A few tokens are always cached: the start of the chat template. */
function perRequest({ cachedTokens, requests }: CacheHits): number {
  return cachedTokens / requests
}

function reportsHits(side: ConfigAnalysis): boolean {
  return endedTrials(side).some(({ tallies }) => tallies.cachedTokens !== undefined)
}

/**
 * A server without a hit omits the field. If the other side has the same version and reports hits, omitted means zero.
 */
function isOmittedBecauseZero(side: ConfigAnalysis, other: ConfigAnalysis): boolean {
  const version = textOf(side, 'serverVersion')
  return version !== undefined && version === textOf(other, 'serverVersion') && reportsHits(other)
}

/**
 * How many times faster prefill is in a repeated request of a sample than in its first one: the maximum over all
 * trials.
 */
function repeatSpeedupOf(side: ConfigAnalysis): number | undefined {
  const speedups = endedTrials(side).flatMap(({ profile }) => profile.repeatSpeedup ?? [])
  return speedups.length === 0 ? undefined : Math.max(...speedups)
}
