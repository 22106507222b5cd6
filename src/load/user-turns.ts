/** Which sample each user sends next: the next turn of the user's conversation, or what the walk has next. */
import type { Generation } from '../ollama/generation.ts'
import type { TurnOfConversation, WalkStep } from './load-plan.ts'
import type { Walk } from './sample-walk.ts'

export type UserStep = WalkStep & { readonly turn?: TurnOfConversation }

/** The turn that a user sends next. */
interface OpenConversation {
  readonly step: WalkStep
  readonly turn: TurnOfConversation
}

/** A conversation ends with its last turn, or with a turn that fails: later turns are then not sent. */
export class UserTurns {
  readonly #walk: Walk
  readonly #open = new Map<number, OpenConversation>()
  #started: number

  /** @param started the number of conversations that the trial started before */
  constructor(walk: Walk, started = 0) {
    this.#walk = walk
    this.#started = started
  }

  /** The number of conversations that the trial started. */
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

  /** Records the result of the user's last step; undefined if the trial was stopped. */
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
