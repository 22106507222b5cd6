/** The stream that the order of configs is drawn from; a round's samples come from the stream of its number. */
export const orderStream = 0

/**
 * A seeded random source in [0, 1): mulberry32 over the seed and a stream number, so that parts of a run that
 * draw for themselves (order, each round's samples) never disturb one another. The seed is in every record.
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
