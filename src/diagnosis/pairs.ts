/** Which pairs are worth explaining, the slower side of each, and what they differ by. */
import type { Analysis, Comparison, ConfigAnalysis, TimeDifference } from '../analysis/analysis.ts'
import { logInterval, sidesOf } from '../analysis/change.ts'
import { compare } from '../analysis/comparison.ts'
import { tableConfidence } from '../analysis/config-figures.ts'
import type { Experiment } from '../experiment/experiment.ts'
import type { MetricId } from '../metrics/catalog.ts'
import { gapParts, type Gap, type GapPart } from './gap.ts'

export interface ExplainedPair {
  readonly subject: ConfigAnalysis
  readonly reference?: ConfigAnalysis
  readonly comparison?: Comparison
  readonly gap?: Gap
  readonly ratio?: number
}

/**
 * First what the claims compare with the baseline (the pair with most claims, then the one that is farthest
 * apart), then each config with its `from`. A lone config is explained by itself.
 */
export function explainedPairs(
  experiment: Experiment,
  analysis: Analysis,
): readonly ExplainedPair[] {
  const byKey = new Map(analysis.configs.map((each) => [each.config.key, each]))
  const pairOf = (one: string, other: string) => {
    const [from, to] = [byKey.get(one), byKey.get(other)]
    return from === undefined || to === undefined ? undefined : slowerSide(from, to, analysis)
  }
  const { baseline } = experiment
  const againstBaseline = analysis.configs
    .filter(({ config }) => baseline !== undefined && config.key !== baseline)
    .flatMap(({ config }) => pairOf(baseline ?? '', config.key) ?? [])
  const [main] = againstBaseline.toSorted(
    (one, other) =>
      claimsOn(other, experiment) - claimsOn(one, experiment) || other.ratio - one.ratio,
  )
  const inherited = analysis.configs.flatMap(({ config }) =>
    config.from === undefined ? [] : (pairOf(config.from, config.key) ?? []),
  )
  const pairs = [...(main === undefined ? [] : [main]), ...inherited]
  const distinct = pairs.filter(
    (pair, index) => pairs.findIndex((one) => isSame(one, pair)) === index,
  )
  return distinct.length > 0
    ? distinct.map((pair) => withProof(explained(pair, analysis, experiment), distinct.length))
    : alone(analysis)
}

/** A pair before anything of it is compared. */
interface Pair {
  readonly subject: ConfigAnalysis
  readonly reference: ConfigAnalysis
  readonly ratio: number
  /** Absent of recorded figures, which have no parts. */
  readonly difference?: TimeDifference
}

function claimsOn({ subject, reference }: Pair, { hypotheses }: Experiment): number {
  const keys = [subject.config.key, reference.config.key]
  return hypotheses.filter(
    ({ claim }) =>
      claim.kind !== 'value' && keys.includes(claim.config) && keys.includes(claim.versus),
  ).length
}

function isSame(one: Pair, other: Pair): boolean {
  return one.subject === other.subject && one.reference === other.reference
}

/** `undefined` where the two cannot be told apart by time. */
function slowerSide(
  from: ConfigAnalysis,
  to: ConfigAnalysis,
  analysis: Analysis,
): Pair | undefined {
  const difference = analysis.breakdown.differences.find(
    ({ base, config }) => base === from.config.key && config === to.config.key,
  )
  if (difference !== undefined) {
    const [reference, subject] = difference.total >= 0 ? [from, to] : [to, from]
    const [before, after] = [whole(reference, analysis), whole(subject, analysis)]
    return { subject, reference, ratio: after / before, difference }
  }
  const ratio = ratioOf(from, to, analysis)
  if (ratio === undefined) return undefined
  const [reference, subject] = ratio >= 1 ? [from, to] : [to, from]
  return { subject, reference, ratio: Math.max(ratio, 1 / ratio) }
}

function explained(
  { difference, ...pair }: Pair,
  { floor }: Analysis,
  experiment: Experiment,
): ExplainedPair {
  const comparison = compare(pair.reference, pair.subject, { ...experiment, floor })
  const gap = difference === undefined ? undefined : gapOf(difference, comparison)
  return { ...pair, comparison, ...(gap === undefined ? {} : { gap }) }
}

function whole({ config }: ConfigAnalysis, { breakdown }: Analysis): number {
  return breakdown.configs.find((split) => split.config === config.key)?.total ?? NaN
}

/** Of recorded figures: as the ratio table has them, which may be of two quantities. */
function ratioOf(
  from: ConfigAnalysis,
  to: ConfigAnalysis,
  { ratios }: Analysis,
): number | undefined {
  const [before, after] = [from, to].map(
    ({ config }) => ratios.find((ratio) => ratio.config === config.key)?.value,
  )
  return before === undefined || after === undefined ? undefined : after / before
}

/** In the direction from the faster to the slower. */
function gapOf(difference: TimeDifference, comparison: Comparison): Gap {
  const sign = difference.total >= 0 ? 1 : -1
  const { wait, load, prefill, decode, outside } = difference.parts
  const split = difference.decode ?? { moreTokens: 0, slowerTokens: decode }
  const parts: Gap['parts'] = {
    wait: wait * sign,
    load: load * sign,
    prefill: prefill * sign,
    moreTokens: split.moreTokens * sign,
    slowerTokens: split.slowerTokens * sign,
    outside: outside * sign,
  }
  const latency = comparison.changes.get('latencyMean')
  return {
    totalMs: difference.total * sign,
    parts,
    shown: shownParts(comparison),
    proven: new Set(),
    isShown: latency?.mark === 'worse',
    tested: latency?.interval !== undefined,
  }
}

/** Parts that the subject spends more on, beyond noise. */
function shownParts({ changes }: Comparison): ReadonlySet<GapPart> {
  const tokens = changes.get('outputTokens')
  const hasMoreTokens =
    (tokens?.value ?? 0) > 0 && (tokens?.interval === undefined || tokens.interval.low > 0)
  const isWorse = (id: MetricId) =>
    id === 'outputTokens' ? hasMoreTokens : changes.get(id)?.mark === 'worse'
  return new Set(gapParts.filter((part) => metricsOf(part).every(isWorse)))
}

/** The metrics that must all differ between two configs for a part of the gap to differ. */
function metricsOf(part: GapPart): readonly MetricId[] {
  if (part === 'moreTokens') return ['decode', 'outputTokens']
  return part === 'slowerTokens' ? ['decode', 'decodeSpeed'] : [part]
}

/** As the claims of an experiment are, the parts of all its pairs are judged together, by Bonferroni's intervals. */
function withProof(pair: ExplainedPair, pairs: number): ExplainedPair {
  const { subject, reference, gap } = pair
  if (reference === undefined || gap === undefined) return pair
  const confidence = 1 - (1 - tableConfidence) / (pairs * gapParts.length)
  const differs = (id: string) => {
    const sides = sidesOf(id, reference, subject)
    const interval = sides && (logInterval(sides, confidence) ?? sides.interval(confidence))
    return interval !== undefined && (interval.low > 0 || interval.high < 0)
  }
  const proven = [...gap.shown].filter((part) => metricsOf(part).every(differs))
  return { ...pair, gap: { ...gap, proven: new Set(proven) } }
}

/** Each measured config with its own latency as what is to be explained. */
function alone({ configs, breakdown }: Analysis): readonly ExplainedPair[] {
  return configs.flatMap((subject) => {
    const split = breakdown.configs.find(({ config }) => config === subject.config.key)
    if (split === undefined) return []
    const { wait, load, prefill, decode, outside } = split.parts
    const parts = { wait, load, prefill, moreTokens: 0, slowerTokens: decode, outside }
    const shown = new Set(['wait', 'load', 'prefill', 'slowerTokens', 'outside'] as const)
    const gap = { totalMs: split.total, parts, shown, proven: shown, isShown: true, tested: true }
    return [{ subject, gap }]
  })
}
