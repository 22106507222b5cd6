/** What all causes of slow computing share: the parts that they claim, and speeds on both sides. */
import type { RuleInput } from './case.ts'
import { hasReference } from './case.ts'
import type { Found } from './diagnosis.ts'
import { figureOf } from './config-facts.ts'
import { speed, statement, type Statement } from './statement.ts'
import { waitForLonger } from './turns.ts'

/** Prefill, the part of decode that is not for longer answers, and what others wait meanwhile. */
export function computeClaims(given: RuleInput): Found['claims'] {
  if (given.gap === undefined) return {}
  const { prefill, slowerTokens } = given.gap.parts
  const wait = computesSlower(given) ? waitForLonger(prefill + slowerTokens, given) : 0
  return { prefill, slowerTokens, ...(wait > 0 && { wait }) }
}

/** Whether the subject computes slower, beyond noise; false without a gap. */
export function computesSlower({ gap }: RuleInput): boolean {
  return (
    gap !== undefined &&
    ((gap.shown.has('prefill') && gap.parts.prefill > 0) ||
      (gap.shown.has('slowerTokens') && gap.parts.slowerTokens > 0))
  )
}

/** Tokens a second, from the reference to the subject. */
export function speedStatements(given: RuleInput): readonly Statement[] {
  if (!hasReference(given)) return []
  const { subject, reference } = given
  const of = (id: string) => [figureOf(reference, id), figureOf(subject, id)] as const
  const [[decodeFrom, decodeTo], [prefillFrom, prefillTo]] = [of('decodeSpeed'), of('prefillSpeed')]
  if (decodeFrom === undefined || decodeTo === undefined) return []
  const decode = { decodeFrom: speed(decodeFrom), decodeTo: speed(decodeTo) }
  if (prefillFrom === undefined || prefillTo === undefined)
    return [statement('speed.decode', decode)]
  return [
    statement('speed.slower', {
      ...decode,
      prefillFrom: speed(prefillFrom),
      prefillTo: speed(prefillTo),
    }),
  ]
}
