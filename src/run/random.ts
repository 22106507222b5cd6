/** The random stream for the order of configs. The samples of a round use the stream of the round's number. */
export const orderStream = 0
/** The random stream for the order of the items of a mix, which is the same in all rounds. */
export const mixStream = -1

/** Pause streams start above it, so that they never share a number with the stream of a round. */
const maxRounds = 2 ** 16

/** The random stream for the pauses of a user, from 0, in a round. The same for all configs. */
export function pauseStream(round: number, user: number): number {
  return maxRounds * (user + 1) + round
}

/**
 * A seeded random source in [0, 1): mulberry32 over the seed and a stream number. Each part of a run (the order, the
 * samples of each round) has its own stream, so that drawing from one does not change the numbers of another. The seed
 * is stored in every trial.
 */
export function seededRandom(seed: number, stream: number): () => number {
  let state = (Math.imul(seed ^ 0x9e3779b9, 0x85ebca6b) ^ Math.imul(stream + 1, 0xc2b2ae35)) >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296
  }
}
