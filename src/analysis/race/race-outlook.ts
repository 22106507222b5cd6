/**
 * How many trials would probably decide a race that its budget ended: the race continues with the means and the
 * residual that it has, and each further look is judged as if it were the last. Pure. A forecast, not an interval: the
 * leader of a short race is flattered, and the residual of a few rounds is uncertain. So the forecast uses the upper
 * bound of the residual; in simulated races, it was enough three times out of four or more often.
 */
import { residualOf, upperVariance } from '../../stats/additive-fit.ts'
import type { RaceRules, RaceTrial } from './race-rules.ts'
import { boundsAt, raceOf, roundsPerLook, type Standing } from './race.ts'

/** The residual is at most the bound that the forecast uses with this confidence. */
const confidence = 0.95
/** A race that needs more looks is not forecast. */
const maxLooks = 1000

/**
 * The number of trials from the start of the race to its decision. Undefined if the race is decided, has no residual,
 * or has a config of which it is unclear whether it meets the objectives, because no forecast is made of these; and if
 * it would take more looks than `maxLooks`.
 */
export function trialsToDecide(rules: RaceRules, trials: readonly RaceTrial[]): number | undefined {
  const race = raceOf(rules, trials)
  const look = race.looks.at(-1)
  if (look === undefined || race.decision !== undefined) return undefined
  const seen = trials.filter(({ round, value }) => round <= look.round && value !== undefined)
  const residual = residualOf(
    seen.map(({ config, round, value = NaN }) => ({ treatment: config, block: round, value })),
  )
  const variance = upperVariance(residual, confidence)
  let left = look.standing.filter(({ config }) => race.left.includes(config))
  if (variance === undefined || left.some(({ judged }) => judged.outcome !== 'met'))
    return undefined
  let { degrees } = residual
  let count = trials.length
  for (let number = look.number + 1; number <= maxLooks; number += 1) {
    count += left.length * roundsPerLook
    degrees += (left.length - 1) * roundsPerLook
    const tests = left.length - 1 + rules.objectives.length
    const seenThen = { residual: { variance, degrees }, number, tests }
    const last = outcomeOf(left, rules.band, boundsAt({ ...seenThen, isLast: true }).half)
    if (last.isDecided) return count
    left = outcomeOf(left, rules.band, boundsAt({ ...seenThen, isLast: false }).half).left
  }
  return undefined
}

/** The configs that a look with intervals of this half width leaves, and whether that decides the race. */
function outcomeOf(standing: readonly Standing[], band: number, half: number) {
  const best = standing[0]?.mean ?? NaN
  const left = standing.filter(({ mean }) => best - mean - half <= band)
  const second = left[1]
  return { left, isDecided: second === undefined || second.mean - best + half <= band }
}
