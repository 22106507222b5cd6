/** The order of the trials in rounds of a race or of its confirmation. Pure: the same seed gives the same order. */
import { orderStream, seededRandom } from './random.ts'
import type { RaceRounds, RunTrial } from './run.ts'

/**
 * The trials of the rounds. Their position in the run is not known yet.
 *
 * In a race, the order of the configs is random in every odd round and reversed in the next, so that two rounds cancel
 * a drift. In the confirmation, the order is random in the first round and then follows `isReversed`.
 */
export function raceTrials(
  { phase, firstRound, lastRound, configs }: RaceRounds,
  seed: number,
): readonly RunTrial[] {
  const rounds = Array.from(
    { length: lastRound - firstRound + 1 },
    (_, index) => firstRound + index,
  )
  return rounds.flatMap((round) => {
    const index = round - firstRound
    const first = phase === 'race' ? round - (index % 2) : firstRound
    const reversed = phase === 'race' ? round !== first : isReversed[index % isReversed.length]
    const order = shuffled(configs, seededRandom(seed, orderStream - first))
    return (reversed === true ? order.toReversed() : order).map((config): RunTrial => ({
      ...{ config, round, position: 0 },
      racePhase: phase,
    }))
  })
}

/**
 * Which rounds of a confirmation reverse the order of the configs: half of them. Trials that follow each other resemble
 * each other. Therefore the differences of two neighbouring rounds correlate positively if their orders are opposite,
 * and negatively if their orders are the same. The interval of the gain assumes independent rounds. In this pattern,
 * almost as many neighbours have opposite orders as have the same, so the correlations cancel. With alternating orders
 * all correlations would be positive, and the interval too narrow.
 */
const isReversed = [false, true, true, false, false, true]

function shuffled(configs: readonly string[], random: () => number): readonly string[] {
  return configs
    .map((config) => ({ config, drawn: random() }))
    .toSorted((one, other) => one.drawn - other.drawn)
    .map(({ config }) => config)
}
