import type { Analysis, HypothesisResult } from './analysis.ts'

/** What gates are told from. */
export type Judged = Pick<Analysis, 'hypotheses' | 'standIn'>

/** Hypotheses marked `gate: true` that are anything but supported, or that rest on stand-in results. */
export function unmetGates({ hypotheses, standIn }: Judged): readonly HypothesisResult[] {
  return hypotheses.filter(
    ({ hypothesis, verdict }) => hypothesis.gate && (standIn || verdict.code !== 'supported'),
  )
}
