/** Outcomes of scores. A score is a property of a sample, not of a request, so repeats are averaged. */
import { mean } from './measured-requests.ts'
import type { SampleScore, TrialSummary } from './trial-summary.ts'

/** One outcome for each sample, 0..1: the mean over all its requests in all rounds. */
export function sampleOutcomes(
  trials: readonly TrialSummary[],
  check: string,
): ReadonlyMap<string, number> {
  const scores = new Map<string, SampleScore[]>()
  for (const trial of trials)
    for (const [sample, score] of trial.scores.get(check) ?? [])
      scores.set(sample, [...(scores.get(sample) ?? []), score])
  return new Map(
    [...scores].map(([sample, parts]) => {
      const n = parts.reduce((total, part) => total + part.n, 0)
      const total = parts.reduce((whole, part) => whole + part.mean * part.n, 0)
      return [sample, roundToWhole(total / n)]
    }),
  )
}

/** Removes rounding errors from means of outcomes that are all 0 or all 1. */
function roundToWhole(outcome: number): number {
  const whole = Math.round(outcome)
  return Math.abs(outcome - whole) < 1e-9 ? whole : outcome
}

/** True if each outcome is right (1) or wrong (0), so that they can be counted. */
export function areBinary(outcomes: Iterable<number>): boolean {
  for (const outcome of outcomes) if (outcome !== 0 && outcome !== 1) return false
  return true
}

/** The mean of outcomes in percent; `NaN` without outcomes. */
export function percentOf(outcomes: Iterable<number>): number {
  return mean([...outcomes]) * 100
}
