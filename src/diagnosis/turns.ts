/** Users who share a slot take turns: each waits while the others are computed. */
import type { ConfigAnalysis } from '../analysis/analysis.ts'
import type { RuleInput } from './case.ts'
import { computeOf, figureOf, slotsOf, usersOf } from './config-facts.ts'

/** The wait that turns of equal length would give may be so many times off. */
const modelTolerance = 2

/** In ms: the others of a user's slot go first. `undefined` where slots, users or durations are not known. */
export function expectedWait(side: ConfigAnalysis): number | undefined {
  const [others, load, compute] = [othersOf(side), figureOf(side, 'load'), computeOf(side)]
  return others === undefined || load === undefined || compute === undefined
    ? undefined
    : others * (load + compute)
}

/** Whether a wait is what turns of equal length give, as far as such a model goes. */
export function fitsTurns(wait: number, expected: number): boolean {
  return wait < expected * modelTolerance && expected < wait * modelTolerance
}

/** As many users for as many slots on both sides: one waits longer than the other because its turns are longer. */
export function sharesAlike({ subject, reference }: RuleInput): boolean {
  return (
    reference !== undefined &&
    slotsOf(subject) !== undefined &&
    slotsOf(subject) === slotsOf(reference) &&
    usersOf(subject) !== undefined &&
    usersOf(subject) === usersOf(reference)
  )
}

/** What a longer turn adds to the wait of those who share alike, in ms: nothing where they do not. */
export function waitForLonger(turnMs: number, given: RuleInput): number {
  const others = sharesAlike(given) ? othersOf(given.subject) : undefined
  return Math.min(given.gap?.parts.wait ?? 0, Math.max(0, turnMs) * (others ?? 0))
}

/** How many others there are to a slot; none where there are enough slots. */
function othersOf(side: ConfigAnalysis): number | undefined {
  const [slots, users] = [slotsOf(side), usersOf(side)]
  return slots === undefined || users === undefined ? undefined : Math.max(0, users / slots - 1)
}
