/** The order in which a trial asks the samples of its dataset. */

export interface Step {
  readonly sampleIndex: number
  /** How often the walk came to this sample before. */
  readonly occurrence: number
}

/** Goes round and round through one seeded order, so that every sample is asked equally often, give or take one. */
export class SampleWalk {
  readonly #order: readonly number[]
  #steps = 0

  /** @param order indexes of samples, at least one */
  constructor(order: readonly number[]) {
    this.#order = order
  }

  next(): Step {
    const step = this.#steps++
    const sampleIndex = this.#order[step % this.#order.length]
    if (sampleIndex === undefined) throw new RangeError('a walk needs at least one sample')
    return { sampleIndex, occurrence: Math.floor(step / this.#order.length) }
  }
}

/**
 * The numbers from 0 below `count` in an order that only `random` decides (Fisher and Yates).
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
