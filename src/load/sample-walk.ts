/** The order in which a trial sends samples, and the kinds of requests of a mix. */
import type { LoadPlan, Mix, SampleGroups, WalkStep } from './load-plan.ts'

export interface Walk {
  next(): WalkStep
}

/** The walks of the two phases of a trial. */
export interface Walks {
  readonly warmup: Walk
  readonly measured: Walk
}

/**
 * The warm-up uses the samples in reverse order, so that the measured phase reaches the warmed-up samples last. It takes
 * the kinds of a mix in turn.
 * @param random decides the order of samples
 */
export function walksOf({ samples, conversations, mix }: LoadPlan, random: () => number): Walks {
  if (mix === undefined) {
    const order = orderOf({ samples, conversations }, random)
    return { warmup: new SampleWalk(order.toReversed()), measured: new SampleWalk(order) }
  }
  const orders = mix.kinds.map((kind) => orderOf(kind, random))
  const inTurn = mix.kinds.map((_, kind) => kind)
  return {
    warmup: new MixWalk(
      orders.map((order) => order.toReversed()),
      () => inTurn,
    ),
    measured: new MixWalk(orders, () => balancedBlock(mix)),
  }
}

interface Sendable {
  readonly samples: readonly string[]
  readonly conversations?: SampleGroups | undefined
}

/** The samples, or the conversations, in random order. */
function orderOf({ samples, conversations }: Sendable, random: () => number): SampleGroups {
  const groups = conversations ?? samples.map((_, sample) => [sample])
  return shuffledIndexes(groups.length, random).map((index) => groups[index] ?? [])
}

/** Repeats one order, so that the counts of the samples, or of the conversations, differ by at most one. */
export class SampleWalk implements Walk {
  readonly #order: SampleGroups
  #steps = 0

  /** @param order at least one */
  constructor(order: SampleGroups) {
    this.#order = order
  }

  next(): WalkStep {
    const step = this.#steps++
    const [sampleIndex, ...laterTurns] = this.#order[step % this.#order.length] ?? []
    if (sampleIndex === undefined) throw new RangeError('a sample walk needs at least one sample')
    return {
      sampleIndex,
      occurrence: Math.floor(step / this.#order.length),
      ...(laterTurns.length > 0 && { laterTurns }),
    }
  }
}

/** Sends blocks of kinds, and walks through the samples of each kind. */
class MixWalk implements Walk {
  readonly #samples: readonly SampleWalk[]
  readonly #nextBlock: () => readonly number[]
  #block: number[] = []

  /**
   * @param orders the samples or the conversations of each kind
   * @param nextBlock indexes of kinds in the order in which they are sent; at least one
   */
  constructor(orders: readonly SampleGroups[], nextBlock: () => readonly number[]) {
    this.#samples = orders.map((order) => new SampleWalk(order))
    this.#nextBlock = nextBlock
  }

  next(): WalkStep {
    if (this.#block.length === 0) this.#block = [...this.#nextBlock()]
    const kind = this.#block.shift() ?? 0
    const step = this.#samples[kind]?.next()
    if (step === undefined) throw new RangeError('a mix needs at least one kind')
    return { ...step, kind }
  }
}

/** Each kind as often as its weight divided by the greatest common divisor of all weights, in random order. */
export function balancedBlock({ kinds, random }: Mix): readonly number[] {
  const common = kinds.reduce((divisor, { weight }) => commonDivisor(divisor, weight), 0)
  const block = kinds.flatMap(({ weight }, kind) =>
    Array.from({ length: weight / common }, () => kind),
  )
  return shuffledIndexes(block.length, random).map((index) => block[index] ?? 0)
}

function commonDivisor(one: number, other: number): number {
  return other === 0 ? one : commonDivisor(other, one % other)
}

/**
 * The numbers from 0 to `count - 1` in random order, by the Fisher-Yates shuffle.
 * @param random returns a number in [0, 1)
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
