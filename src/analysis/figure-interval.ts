/** The interval of a figure: of a score over its samples, of any other figure over its trials. */
import { sum } from './measured-requests.ts'
import {
  boundedMeanInterval,
  clipped,
  meanInterval,
  widest,
  wilsonInterval,
  type Counts,
  type Estimate,
} from '../stats/interval.ts'
import type { Figure, Interval } from './figure.ts'

/** Minimum number of trials for an interval. */
export const minRounds = 3

/**
 * The interval of a score in percent, over samples: Wilson's if every outcome is right or wrong, else the one of a bounded
 * mean.
 */
export function outcomesInterval(
  outcomes: readonly number[],
  confidence: number,
): Interval | undefined {
  const estimate = areBinary(outcomes)
    ? wilsonInterval(sum(outcomes), outcomes.length, confidence)
    : boundedMeanInterval(outcomes, [0, 1], confidence)
  return intervalIn(estimate, (share) => share * 100, confidence)
}

/**
 * The interval of a figure over its trials, on logarithms if it is a geometric mean. That of a share is never narrower
 * than its counts allow: no failure in 60 requests does not prove that there is none in 1,000. `undefined` below
 * `minRounds`.
 */
export function roundsInterval(
  { metric, byRound, counts }: Figure,
  confidence: number,
): Interval | undefined {
  const values = byRound.map(({ value }) => value)
  if (values.length < minRounds || metric.family === 'count') return undefined
  if (metric.aggregation !== 'geometric') {
    const student = meanInterval(values, confidence)
    const estimate =
      student === undefined || counts === undefined
        ? student
        : clipped(
            widest(student, inPoints(wilsonInterval(counts.part, counts.whole, confidence))),
            [0, 100],
          )
    return intervalIn(estimate, (value) => value, confidence)
  }
  if (values.some((value) => value <= 0)) return undefined
  return intervalIn(meanInterval(values.map(Math.log), confidence), Math.exp, confidence)
}

/** Converts an estimate of a share, 0..1, to percent. */
export function inPoints({ estimate, low, high }: Estimate): Estimate {
  return { estimate: estimate * 100, low: low * 100, high: high * 100 }
}

/** The ends of an estimate, converted to another unit. */
export function intervalIn(
  estimate: Estimate | undefined,
  convert: (value: number) => number,
  confidence: number,
): Interval | undefined {
  return estimate && { low: convert(estimate.low), high: convert(estimate.high), confidence }
}

/** True if each outcome is right (1) or wrong (0), so that they can be counted. */
export function areBinary(outcomes: Iterable<number>): boolean {
  for (const outcome of outcomes) if (outcome !== 0 && outcome !== 1) return false
  return true
}

/** The counts of all trials together. */
export function pooled(counts: readonly Counts[]): Counts {
  return { part: sum(counts.map(({ part }) => part)), whole: sum(counts.map(({ whole }) => whole)) }
}
