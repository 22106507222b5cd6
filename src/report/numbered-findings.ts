/** The findings of a diagnosis with the numbers under which the report refers to them. */
import type { Diagnosis, Explanation, Finding } from '../diagnosis/diagnosis.ts'
import type { Cause } from '../diagnosis/rules.ts'

export interface NumberedFinding {
  readonly finding: Finding
  /** From 1. */
  readonly number: number
}

/**
 * In the order of the report: the findings about failed requests, about the main difference, about late first tokens
 * and about settings. Those about settings without effect come last and share a number. Findings about other
 * differences have no number.
 */
export function numberedFindings({
  failures,
  explanations,
  delivery,
  settings,
}: Diagnosis): readonly NumberedFinding[] {
  const ofMainDifference = explanations[0]?.findings ?? []
  const others = settings.filter((finding) => !isInComments(finding))
  const own = [...failures, ...ofMainDifference, ...delivery, ...others]
  return [
    ...own.map((finding, index) => ({ finding, number: index + 1 })),
    ...settings.filter(isInComments).map((finding) => ({ finding, number: own.length + 1 })),
  ]
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

/** Causes that the comments on settings already explain. The report shows all of them as one finding. */
const inComments: ReadonlySet<Cause> = new Set(['not-read', 'cannot-act'])

/** True if the finding is about settings without effect, which the comments on settings explain. */
export function isInComments({ cause }: Finding): boolean {
  return inComments.has(cause)
}
