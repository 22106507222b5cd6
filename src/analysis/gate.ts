import type { Analysis, HypothesisResult } from './analysis.ts'

/** Hypotheses marked `gate: true` that are anything but supported, or that rest on stand-in results. */
export function unmetGates({
  hypotheses,
  standIn,
}: Pick<Analysis, 'hypotheses' | 'standIn'>): readonly HypothesisResult[] {
  return hypotheses.filter(
    ({ hypothesis, verdict }) => hypothesis.gate && (standIn || verdict.code !== 'supported'),
  )
}
