/** The findings of a diagnosis with the numbers under which the report refers to them. */
import type { Diagnosis, Explanation, Finding } from '../diagnosis/diagnosis.ts'

export interface NumberedFinding {
  readonly finding: Finding
  /** From 1. */
  readonly number: number
}

/**
 * In the order of the report: the findings about failed requests, about the main difference, about late first tokens
 * and about settings. Findings about other differences have no number.
 */
export function numberedFindings({
  failures,
  explanations,
  delivery,
  settings,
}: Diagnosis): readonly NumberedFinding[] {
  const ofMainDifference = explanations[0]?.findings ?? []
  return [...failures, ...ofMainDifference, ...delivery, ...settings].map((finding, index) => ({
    finding,
    number: index + 1,
  }))
}

/**
 * True if the finding explains failed requests or late first tokens, which matter even if mean latencies do not differ.
 */
export function explainsFailuresOrLateTokens({ failed, firstTokenShare }: Finding): boolean {
  return failed !== undefined || firstTokenShare !== undefined
}

/** True if nothing is attributed or ranked: the two sides do not differ beyond noise, or they are not compared. */
export function isWithinNoise({ gap }: Explanation): boolean {
  return gap?.isBeyondNoise === false
}
