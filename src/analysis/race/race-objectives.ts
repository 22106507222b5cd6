/** Judges, at a look, whether the configs of a race meet the objectives. */
import { studentQuantile } from '../../stats/distributions.ts'
import { residualOf } from '../../stats/additive-fit.ts'
import {
  boundedMeanInterval,
  newcombePairedInterval,
  pairedCounts,
  wilsonInterval,
  type Counts,
} from '../../stats/interval.ts'
import { areBinary } from '../figure-interval.ts'
import type { ObjectiveRule, RaceRules, RaceTrial, SampleScores } from './race-rules.ts'

/**
 * - `met`: the figures meet all objectives, and the intervals of levels show it
 * - `missed`: an interval shows that one is missed
 * - `unclear`: otherwise
 */
export interface ObjectivesOutcome {
  readonly outcome: 'met' | 'missed' | 'unclear'
  /** The index of the first objective that is missed. */
  readonly missed?: number
}

type Outcome = ObjectivesOutcome['outcome']

/** The trials behind a look. */
export interface RaceEvidence {
  /** The configs that are in the race; each has all rounds. */
  readonly remaining: readonly string[]
  readonly known: readonly RaceTrial[]
  readonly rounds: number
  readonly confidence: number
}

/** Judges whether each remaining config meets the objectives. */
export function judgeObjectives(
  { objectives, reference }: RaceRules,
  seen: RaceEvidence,
): ReadonlyMap<string, ObjectivesOutcome> {
  const judges = objectives.map((rule, index) => judgeOf(rule, index, reference, seen))
  return new Map(
    seen.remaining.map((config) => {
      const outcomes = judges.map((judge) => judge(config))
      const missed = outcomes.indexOf('missed')
      const isMet = outcomes.every((outcome) => outcome === 'met')
      return [
        config,
        missed >= 0 ? { outcome: 'missed', missed } : { outcome: isMet ? 'met' : 'unclear' },
      ]
    }),
  )
}

function judgeOf(
  rule: ObjectiveRule,
  index: number,
  reference: string,
  seen: RaceEvidence,
): (config: string) => Outcome {
  switch (rule.kind) {
    case 'level':
      return levelJudge(index, seen)
    case 'share':
      return (config) => judgeShare(rule.least, countsOf(config, index, seen.known), seen)
    case 'quality': {
      const base = sampleMeans(reference, index, seen.known)
      return (config) =>
        judgeQuality(rule.band, base, sampleMeans(config, index, seen.known), seen.confidence)
    }
  }
}

/**
 * Judges each config by the interval of its mean over these rounds. What all configs of a round have in common counts
 * as part of the conditions, not as noise, so that the variance is that of the residual.
 */
function levelJudge(
  index: number,
  { remaining, known, rounds, confidence }: RaceEvidence,
): (config: string) => Outcome {
  const values = known.flatMap(({ round, config, measures }) => {
    const measure = measures?.[index]
    return typeof measure === 'number' ? [{ block: round, treatment: config, value: measure }] : []
  })
  const residual = residualOf(values)
  const half =
    residual.degrees === 0
      ? Infinity
      : studentQuantile((1 + confidence) / 2, residual.degrees) *
        Math.sqrt(residual.variance / rounds)
  return (config) => {
    const own = values.filter(({ treatment }) => treatment === config)
    if (!remaining.includes(config) || own.length < rounds) return 'unclear'
    const mean = meanOf(own)
    if (mean + half < 0) return 'missed'
    return mean - half >= 0 ? 'met' : 'unclear'
  }
}

function meanOf(values: readonly { readonly value: number }[]): number {
  return values.reduce((sum, { value }) => sum + value, 0) / values.length
}

function judgeShare(
  least: number,
  counts: readonly Counts[],
  { confidence }: Pick<RaceEvidence, 'confidence'>,
): Outcome {
  const whole = counts.reduce((sum, each) => sum + each.whole, 0)
  const part = counts.reduce((sum, each) => sum + each.part, 0)
  if (whole === 0) return 'unclear'
  if (wilsonInterval(part, whole, confidence).high < least) return 'missed'
  return part / whole >= least ? 'met' : 'unclear'
}

function judgeQuality(
  band: number,
  base: SampleScores,
  own: SampleScores,
  confidence: number,
): Outcome {
  const pairs = [...own.scores].flatMap(([sample, score]) => {
    const before = base.scores.get(sample)
    return before === undefined ? [] : [[before, score] as const]
  })
  if (pairs.length === 0) return 'unclear'
  const interval = areBinary(pairs.flat())
    ? newcombePairedInterval(pairedCounts(pairs), confidence)
    : boundedMeanInterval(
        pairs.map(([before, after]) => after - before),
        [-1, 1],
        confidence,
      )
  if (interval === undefined) return 'unclear'
  if (interval.high < -band) return 'missed'
  return interval.estimate >= -band ? 'met' : 'unclear'
}

/** The mean of each sample over trials. */
function sampleMeans(config: string, index: number, known: readonly RaceTrial[]): SampleScores {
  const bySample = new Map<string, number[]>()
  for (const trial of known) {
    const measure = trial.config === config ? trial.measures?.[index] : undefined
    if (typeof measure !== 'object' || !('scores' in measure)) continue
    for (const [sample, score] of measure.scores) {
      const all = bySample.get(sample)
      if (all === undefined) bySample.set(sample, [score])
      else all.push(score)
    }
  }
  const meanOf = (all: readonly number[]) => all.reduce((sum, one) => sum + one, 0) / all.length
  return { scores: new Map([...bySample].map(([sample, all]) => [sample, meanOf(all)])) }
}

function countsOf(config: string, index: number, known: readonly RaceTrial[]): readonly Counts[] {
  return known.flatMap((trial) => {
    const measure = trial.config === config ? trial.measures?.[index] : undefined
    return typeof measure === 'object' && 'whole' in measure ? [measure] : []
  })
}
