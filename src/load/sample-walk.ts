/** The order in which a trial sends samples, and the kinds of requests of a mix. */
import type { Generation } from '../ollama/generation.ts'
import type { LoadPlan, Mix, SampleGroups, TurnOfConversation, WalkStep } from './load-plan.ts'

/** An endless sequence of samples. */
export interface Walk {
  next(): WalkStep
}

export interface Walks {
  readonly warmup: Walk
  readonly measured: Walk
}

/**
 * The walks of the two phases of a trial. The warm-up uses the samples in reverse order, so that the measured phase
 * reaches the warmed-up samples last. It sends the kinds of a mix in turn.
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

interface SampleSource {
  readonly samples: readonly string[]
  readonly conversations?: SampleGroups | undefined
}

/** The samples, or the conversations, in random order. */
function orderOf({ samples, conversations }: SampleSource, random: () => number): SampleGroups {
  const groups = conversations ?? samples.map((_, sample) => [sample])
  return shuffledIndexes(groups.length, random).map((index) => groups[index] ?? [])
}

/** Repeats one order, so that the counts of the samples, or of the conversations, differ by at most one. */
export class SampleWalk implements Walk {
  readonly #order: SampleGroups
  #steps = 0

  /** @param order must not be empty */
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

/** Chooses kinds block by block, and walks through the samples of each kind. */
class MixWalk implements Walk {
  readonly #walks: readonly SampleWalk[]
  readonly #nextBlock: () => readonly number[]
  #block: number[] = []

  /**
   * @param orders the samples or the conversations of each kind
   * @param nextBlock indexes of kinds in the order in which they are sent; at least one
   */
  constructor(orders: readonly SampleGroups[], nextBlock: () => readonly number[]) {
    this.#walks = orders.map((order) => new SampleWalk(order))
    this.#nextBlock = nextBlock
  }

  next(): WalkStep {
    if (this.#block.length === 0) this.#block = [...this.#nextBlock()]
    const kind = this.#block.shift() ?? 0
    const step = this.#walks[kind]?.next()
    if (step === undefined) throw new RangeError('a mix needs at least one kind')
    return { ...step, kind }
  }
}

/**
 * One block of the schedule, in random order. It has each kind as often as the kind's weight, divided by the greatest
 * common divisor of all weights.
 */
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

type UserStep = WalkStep & { readonly turn?: TurnOfConversation }

/** A conversation that a user has started, with its next turn. */
interface OpenConversation {
  readonly step: WalkStep
  readonly turn: TurnOfConversation
}

/**
 * Decides which sample each user sends next: the next turn of the user's conversation, or the next sample of the walk.
 * A conversation ends with its last turn, or with a turn that fails: its later turns are then not sent.
 */
export class UserTurns {
  readonly #walk: Walk
  readonly #open = new Map<number, OpenConversation>()
  #started: number

  /** @param started the number of conversations that the trial has already started */
  constructor(walk: Walk, started = 0) {
    this.#walk = walk
    this.#started = started
  }

  /** The number of conversations that the trial has started. */
  get started(): number {
    return this.#started
  }

  next(user: number): UserStep {
    const open = this.#open.get(user)
    if (open !== undefined) return { ...open.step, turn: open.turn }
    const step = this.#walk.next()
    if (step.laterTurns === undefined) return step
    return { ...step, turn: { conversation: this.#started++, number: 1, earlier: [] } }
  }

  /**
   * Records the result of the user's last step.
   * @param generation undefined if the trial was stopped
   */
  answered(user: number, step: UserStep, generation: Generation | undefined): void {
    this.#open.delete(user)
    const { turn, laterTurns = [], ...others } = step
    const [sampleIndex, ...rest] = laterTurns
    if (turn === undefined || sampleIndex === undefined || generation?.outcome !== 'ok') return
    const earlier = [...turn.earlier, { sampleIndex: step.sampleIndex, answer: generation.content }]
    this.#open.set(user, {
      step: { ...others, sampleIndex, laterTurns: rest },
      turn: { conversation: turn.conversation, number: turn.number + 1, earlier },
    })
  }
}
