/**
 * Finds the pairs of configs whose difference is explained, which side of each is slower, and by how much in each part.
 */
import type { Analysis, Comparison, ConfigAnalysis, TimeDifference } from '../analysis/analysis.ts'
import type { Obstacle } from '../analysis/obstacle.ts'
import { logInterval, sidesOf } from '../analysis/change.ts'
import { obstaclesBetween } from '../analysis/comparability.ts'
import { designPairs } from '../analysis/design-pairs.ts'
import { racingConfigs } from '../analysis/race/tuning-race.ts'
import { batchesDiffer } from '../analysis/ranking.ts'
import { latencyFigure } from '../analysis/ratios.ts'
import { compare } from '../analysis/comparison.ts'
import { tableConfidence } from '../analysis/config-figures.ts'
import type { Experiment } from '../experiment/experiment.ts'
import { latencyPartIds, type MetricId } from '../metrics/catalog.ts'
import { gapParts, type Gap, type GapPart } from './gap.ts'
import type { Certainty } from './rule.ts'
import { dependenceOf } from './saving.ts'

export interface ExplainedPair {
  readonly subject: ConfigAnalysis
  readonly reference?: ConfigAnalysis
  readonly comparison?: Comparison
  readonly obstacle?: Obstacle
  readonly gap?: Gap
  readonly ratio?: number
  /**
   * The highest certainty that a cause of this difference can have: `proven` if the total difference is very unlikely
   * to be chance, `likely` if it may be chance or if measured figures contradict each other, and `possible` if figures
   * of a document hardly differ.
   */
  readonly maxCertainty: Certainty
}

/**
 * The pairs in the order of the report. The first is the baseline and the config that most claims compare with it;
 * among equals, the one with the largest ratio. Then comes each config with its `from`. In a grid, each factor has one
 * pair, the one with the largest ratio first. In a race, the default and the leader are the pair; its test is corrected
 * for the number of configs, because the leader was chosen among them. If only levels of a load are measured, the
 * lowest and the highest are a pair. If no two configs can be compared, the latency of each one is explained on its
 * own.
 */
export function explainedPairs(
  experiment: Experiment,
  analysis: Analysis,
): readonly ExplainedPair[] {
  const byKey = new Map(analysis.configs.map((each) => [each.config.key, each]))
  const pairOf = (one: string, other: string) => {
    const [from, to] = [byKey.get(one), byKey.get(other)]
    return from === undefined || to === undefined ? undefined : orderBySpeed(from, to, analysis)
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
  const ofDesign = designPairs(experiment, analysis.tuning)
    .flatMap(({ from, to }) => pairOf(from, to) ?? [])
    .toSorted((one, other) => other.ratio - one.ratio)
  const pairs = [...(main === undefined ? [] : [main]), ...inherited, ...ofDesign]
  const distinct = pairs.filter(
    (pair, index) => pairs.findIndex((one) => isSame(one, pair)) === index,
  )
  const { tuning } = analysis
  const choices = tuning === undefined ? 1 : racingConfigs(tuning.tuning).length
  return distinct.length > 0
    ? distinct.map((pair) => explainPair(pair, distinct.length * choices, analysis, experiment))
    : singleConfigs(analysis)
}

/** Two configs, ordered by speed, before they are compared. */
interface OrderedPair {
  readonly subject: ConfigAnalysis
  readonly reference: ConfigAnalysis
  readonly ratio: number
  /** Absent for recorded figures, which have no parts. */
  readonly difference?: TimeDifference
}

function claimsOn({ subject, reference }: OrderedPair, { hypotheses }: Experiment): number {
  const keys = [subject.config.key, reference.config.key]
  return hypotheses.filter(
    ({ claim }) =>
      claim.kind !== 'value' && keys.includes(claim.config) && keys.includes(claim.versus),
  ).length
}

function isSame(one: OrderedPair, other: OrderedPair): boolean {
  return one.subject === other.subject && one.reference === other.reference
}

/**
 * Orders two configs by latency; `undefined` if their latencies cannot be compared, for example because one has more
 * inputs in each request.
 */
function orderBySpeed(
  from: ConfigAnalysis,
  to: ConfigAnalysis,
  analysis: Analysis,
): OrderedPair | undefined {
  if (batchesDiffer([from.config, to.config])) return undefined
  const difference = analysis.breakdown.differences.find(
    ({ base, config }) => base === from.config.key && config === to.config.key,
  )
  if (difference !== undefined) {
    const [reference, subject] = difference.total >= 0 ? [from, to] : [to, from]
    const times = difference.total >= 0 ? difference.ratio : 1 / difference.ratio
    return { subject, reference, ratio: times, difference }
  }
  const ratio = ratioOf(from, to)
  if (ratio === undefined) return undefined
  const [reference, subject] = ratio >= 1 ? [from, to] : [to, from]
  return { subject, reference, ratio: Math.max(ratio, 1 / ratio) }
}

function explainPair(
  { difference, ...pair }: OrderedPair,
  pairs: number,
  { floor }: Analysis,
  experiment: Experiment,
): ExplainedPair {
  const rules = { ...experiment, floor, forCauses: true, only: gapMetrics }
  const comparison = compare(pair.reference, pair.subject, rules)
  const gap = difference === undefined ? undefined : gapOf(difference, comparison, pair)
  const obstacle = obstacleOf((id) => comparison.changes.get(id)?.obstacle)
  const maxCertainty =
    obstacle === undefined || isRecorded(pair) ? maxCertaintyOf(pair, pairs) : 'likely'
  const reason = obstacle && { obstacle }
  if (gap === undefined) return { ...pair, comparison, maxCertainty, ...reason }
  const proven = maxCertainty === 'proven' ? provenParts(gap, pair, pairs) : []
  return {
    ...pair,
    comparison,
    maxCertainty,
    ...reason,
    gap: { ...gap, proven: new Set(proven) },
  }
}

/** Why no time is attributed to causes: figures of the latency or of its parts contradict each other. */
function obstacleOf(obstacleTo: (id: MetricId) => Obstacle | undefined): Obstacle | undefined {
  const ids: readonly MetricId[] = ['latencyMean', ...latencyPartIds]
  return ids.map(obstacleTo).find((obstacle) => obstacle !== undefined)
}

/**
 * The metrics that show which of two recorded configs is slower if a latency is missing, the most direct metric first.
 */
const speedMetrics: readonly MetricId[] = ['decodeSpeed', 'throughput', 'qps', 'prefillSpeed']

/**
 * The ratio of the two latencies, each of which is a mean latency or the time for one sample. If one is missing, the
 * inverse ratio of two speeds.
 */
function ratioOf(from: ConfigAnalysis, to: ConfigAnalysis): number | undefined {
  const [before, after] = [from, to].map((config) => latencyFigure(config)?.value)
  if (before !== undefined && after !== undefined) return after / before
  const [inverseSpeedRatio] = speedMetrics.flatMap((id) => {
    const [first, second] = [from, to].map(({ figures }) => figures.get(id)?.value)
    return first === undefined || second === undefined ? [] : [first / second]
  })
  return inverseSpeedRatio
}

/** The gap from the faster to the slower config. */
function gapOf(
  difference: TimeDifference,
  comparison: Comparison,
  { subject, reference }: OrderedPair,
): Gap {
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
    partsBeyondNoise: partsBeyondNoise(comparison),
    proven: new Set(),
    isBeyondNoise: latency?.mark === 'worse',
    tested: latency?.interval !== undefined,
    dependence: dependenceOf(subject, reference),
  }
}

/** The parts in which the subject is slower, beyond noise. */
function partsBeyondNoise({ changes }: Comparison): ReadonlySet<GapPart> {
  const tokens = changes.get('outputTokens')
  const hasMoreTokens =
    (tokens?.value ?? 0) > 0 && (tokens?.interval === undefined || tokens.interval.low > 0)
  const isWorse = (id: MetricId) =>
    id === 'outputTokens' ? hasMoreTokens : changes.get(id)?.mark === 'worse'
  return new Set(gapParts.filter((part) => metricsOf(part).every(isWorse)))
}

/** The metrics on which gaps depend. Only these are compared, because a comparison of all metrics takes long. */
const gapMetrics: ReadonlySet<string> = new Set(['latencyMean', ...gapParts.flatMap(metricsOf)])

/** The metrics that must all differ between two configs for a part of the gap to differ. */
export function metricsOf(part: GapPart): readonly MetricId[] {
  if (part === 'moreTokens') return ['decode', 'outputTokens']
  return part === 'slowerTokens' ? ['decode', 'decodeSpeed'] : [part]
}

/**
 * The family-wise error rate: the accepted share of experiments in which at least one pair seems to differ by chance.
 */
const familyWiseErrorRate = 0.005
/** A ratio this large is due neither to run-to-run variation nor to the variation between documents. */
const minUntestedRatio = 1.5

/** True if a side is recorded in a document, which gives no interval. */
export function isRecorded({ subject, reference }: Pick<ExplainedPair, 'subject' | 'reference'>) {
  return [subject, reference].some((side) => side?.state === 'recorded')
}

function maxCertaintyOf(pair: OrderedPair, pairs: number): Certainty {
  const { subject, reference, ratio } = pair
  const isLarge = ratio >= minUntestedRatio
  if (isRecorded(pair)) return isLarge ? 'proven' : 'possible'
  const sides = sidesOf('latencyMean', reference, subject)
  const interval = sides?.interval(1 - familyWiseErrorRate / pairs)
  const isSlower = interval !== undefined && interval.low > 0
  return isSlower && (sides?.paired === true || isLarge) ? 'proven' : 'likely'
}

/**
 * The parts beyond noise that differ even if the test is corrected (Bonferroni) for the number of parts of all pairs.
 */
function provenParts(
  { partsBeyondNoise }: Gap,
  { subject, reference }: OrderedPair,
  pairs: number,
): readonly GapPart[] {
  const confidence = 1 - (1 - tableConfidence) / (pairs * gapParts.length)
  const differs = (id: string) => {
    const sides = sidesOf(id, reference, subject)
    const interval = sides && (logInterval(sides, confidence) ?? sides.interval(confidence))
    return interval !== undefined && (interval.low > 0 || interval.high < 0)
  }
  return [...partsBeyondNoise].filter((part) => metricsOf(part).every(differs))
}

/** Each measured config, with its own latency as the gap. */
function singleConfigs({ configs, breakdown }: Analysis): readonly ExplainedPair[] {
  return configs.flatMap((subject): readonly ExplainedPair[] => {
    const split = breakdown.configs.find(({ config }) => config === subject.config.key)
    if (split === undefined) return []
    const obstacle = obstacleToLatency(subject)
    const { wait, load, prefill, decode, outside } = split.parts
    const parts = { wait, load, prefill, moreTokens: 0, slowerTokens: decode, outside }
    const judged =
      obstacle === undefined ? gapParts.filter((part) => part !== 'moreTokens') : undefined
    const gap: Gap = {
      totalMs: split.total,
      parts,
      partsBeyondNoise: new Set(judged),
      proven: new Set(judged),
      isBeyondNoise: obstacle === undefined,
      tested: true,
      dependence: dependenceOf(subject),
    }
    return [
      {
        subject,
        gap,
        maxCertainty: obstacle === undefined ? 'proven' : 'likely',
        ...(obstacle && { obstacle }),
      },
    ]
  })
}

function obstacleToLatency(subject: ConfigAnalysis): Obstacle | undefined {
  const obstacleTo = obstaclesBetween(undefined, subject, true)
  return obstacleOf((id) => {
    const metric = subject.figures.get(id)?.metric
    return metric && obstacleTo(metric)
  })
}
