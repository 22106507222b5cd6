/**
 * Tests whether a share of requests, such as those that succeeded, differs between two configs by more than chance. It
 * compares trials, because failures of one trial often have one reason. The interval is at least as wide as that of
 * independent requests.
 */
import {
  meanInterval,
  newcombeInterval,
  newcombePairedInterval,
  pairedCounts,
  welchInterval,
  type Counts,
  type Estimate,
  clipped,
  coveringBoth,
} from '../stats/interval.ts'
import { tableConfidence } from './config-figures.ts'
import { areBinary, pooled } from './figure-interval.ts'
import { mean } from './measured-requests.ts'

/** Shares that differ by at most this many points are alike. */
export const tolerancePoints = 1
/** A difference that could be this large is a reason to doubt a comparison, even if nothing proves it. */
const relevantPoints = 5

/** The share of one trial. */
export interface TrialShare extends Counts {
  readonly run: string
  readonly round: number
}

export interface ShareDifference {
  /** The shares in percent. If both sides come from the same run, only the rounds that both have count. */
  readonly from: number
  readonly to: number
  /** The largest difference that the 95 % interval includes, in points. */
  readonly reach: number
  /**
   * - `different`: by more than a point, and by more than chance
   * - `unclear`: not proven, but the interval reaches 5 points
   * - `alike`: neither
   */
  readonly kind: 'alike' | 'unclear' | 'different'
}

/**
 * The difference by trials. Trials of one run are paired by round; otherwise Welch's interval is used. `undefined` if a
 * side has no requests.
 */
export function shareDifference(
  from: readonly TrialShare[],
  to: readonly TrialShare[],
): ShareDifference | undefined {
  const pairs = sharedRounds(from, to)
  const [before, after] =
    pairs.length === 0 ? [from, to] : [pairs.map(([one]) => one), pairs.map(([, other]) => other)]
  const [pooledBefore, pooledAfter] = [pooled(before), pooled(after)]
  if (pooledBefore.whole === 0 || pooledAfter.whole === 0) return undefined
  const byTrial =
    pairs.length === 0
      ? welchInterval(before.map(shareOf), after.map(shareOf), tableConfidence)
      : meanInterval(differencesOf(pairs), tableConfidence)
  const chance = newcombeInterval(pooledBefore, pooledAfter, tableConfidence)
  // If all or none of the requests of both sides have the property, leaving these requests out changes no comparison.
  const isMixed = [pooledBefore, pooledAfter].some(({ part, whole }) => part > 0 && part < whole)
  return differenceOf(
    shareOf(pooledBefore),
    shareOf(pooledAfter),
    coveringBoth(chance, byTrial),
    isMixed,
  )
}

/** The counts of one trial by sample. */
export interface TrialSamples {
  readonly run: string
  readonly round: number
  readonly samples: ReadonlyMap<string, Counts>
}

/**
 * The difference by samples, for answers that are the same each time (temperature 0). Only the samples that both sides
 * have count. If both sides come from the same run, the interval is at least as wide as that over rounds. `undefined`
 * without a shared sample.
 */
export function sampleShareDifference(
  from: readonly TrialSamples[],
  to: readonly TrialSamples[],
): ShareDifference | undefined {
  const pairs = sharedSamples(from, to)
  if (pairs.length === 0) return undefined
  const outcomes = pairs.map(([one, other]) => [shareOf(one), shareOf(other)] as const)
  const differences = differencesOf(pairs)
  const byRound = sharedRounds(from, to).flatMap(([one, other]) => {
    const ofRound = differencesOf(sharedSamples([one], [other]))
    return ofRound.length === 0 ? [] : [mean(ofRound)]
  })
  const [before, after] = [pooled(pairs.map(([one]) => one)), pooled(pairs.map(([, to]) => to))]
  const bySample = areBinary(outcomes.flat())
    ? newcombePairedInterval(pairedCounts(outcomes), tableConfidence)
    : coveringBoth(
        newcombeInterval(before, after, tableConfidence),
        meanInterval(differences, tableConfidence),
      )
  const points = coveringBoth(bySample, meanInterval(byRound, tableConfidence))
  return differenceOf(
    mean(outcomes.map(([one]) => one)),
    mean(outcomes.map(([, other]) => other)),
    points,
    differences.some((difference) => difference !== 0),
  )
}

/** @param affectsComparison true if the property selects some of the compared requests, but not all */
function differenceOf(
  from: number,
  to: number,
  interval: Estimate,
  affectsComparison: boolean,
): ShareDifference {
  const { low, high } = clipped(interval, [-1, 1])
  const difference = { from: from * 100, to: to * 100, reach: Math.max(-low, high) * 100 }
  const isProven = Math.abs(difference.to - difference.from) > tolerancePoints && low * high > 0
  const isUnclear = affectsComparison && difference.reach >= relevantPoints
  return { ...difference, kind: isProven ? 'different' : isUnclear ? 'unclear' : 'alike' }
}

type Pair<Side> = readonly [Side, Side]

function sharedRounds<Trial extends Pick<TrialShare, 'run' | 'round'>>(
  from: readonly Trial[],
  to: readonly Trial[],
): readonly Pair<Trial>[] {
  return to.flatMap((after) => {
    const before = from.find(({ run, round }) => run === after.run && round === after.round)
    return before === undefined ? [] : [[before, after]]
  })
}

/** The counts of each sample that both sides have, over all their trials. */
function sharedSamples(
  from: readonly TrialSamples[],
  to: readonly TrialSamples[],
): readonly Pair<Counts>[] {
  const before = countsBySample(from)
  return [...countsBySample(to)].flatMap(([sample, after]) => {
    const counts = before.get(sample)
    return counts === undefined ? [] : [[counts, after]]
  })
}

const noCounts: Counts = { part: 0, whole: 0 }

function countsBySample(trials: readonly TrialSamples[]): ReadonlyMap<string, Counts> {
  const counts = new Map<string, Counts>()
  for (const { samples } of trials)
    for (const [sample, more] of samples)
      counts.set(sample, pooled([counts.get(sample) ?? noCounts, more]))
  return counts
}

function differencesOf(pairs: readonly Pair<Counts>[]): readonly number[] {
  return pairs.map(([one, other]) => shareOf(other) - shareOf(one))
}

function shareOf({ part, whole }: Counts): number {
  return part / whole
}
