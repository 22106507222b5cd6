/** The order in which a trial sends the samples of its dataset. */

export interface WalkStep {
  readonly sampleIndex: number
  /** How often the sample was used before in this trial and phase, from 0. */
  readonly occurrence: number
}

/** Repeats one order of the samples, so that the samples' counts differ by at most one. */
export class SampleWalk {
  readonly #order: readonly number[]
  #steps = 0

  /** @param order indexes of the samples; at least one */
  constructor(order: readonly number[]) {
    this.#order = order
  }

  next(): WalkStep {
    const step = this.#steps++
    const sampleIndex = this.#order[step % this.#order.length]
    if (sampleIndex === undefined) throw new RangeError('a sample walk needs at least one sample')
    return { sampleIndex, occurrence: Math.floor(step / this.#order.length) }
  }
}

/**
 * The numbers from 0 to `count - 1` in random order, by the Fisher-Yates shuffle.
 * @param random in [0, 1)
 */
export function shuffledIndexes(count: number, random: () => number): readonly number[] {
  const order = Array.from({ length: count }, (_, index) => index)
  for (let last = count - 1; last > 0; last -= 1) {
    const chosen = Math.floor(random() * (last + 1))
    const moved = order[last] ?? last
    order[last] = order[chosen] ?? chosen
    order[chosen] = moved
  }
  return order
}
