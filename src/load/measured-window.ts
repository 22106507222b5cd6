/** The measured window of a trial: when it opens, whether a request may still start, when it closes. */
import type { Load } from '../experiment/experiment.ts'
import type { Generation } from '../ollama/generation.ts'

/**
 * Opens at the first measured send. Under a duration it closes when the duration is over and `atLeast` requests
 * have ended, or at `atMost`; under a request count at the last end. All times on the clock of the trial.
 */
export class MeasuredWindow {
  readonly #load: Load
  #claims = 0
  /** When the first request was let through, just before it was sent. */
  #openedAt: number | undefined
  #firstSentAt = Infinity
  #lastEndedAt = -Infinity
  #ended = 0
  /** When the last of the `atLeast` requests ended. */
  #atLeastAt: number | undefined

  constructor(load: Load) {
    this.#load = load
  }

  /** Whether one more request may start now; counts it if so. */
  claim(now: number): boolean {
    const isOpen =
      this.#load.kind === 'closed-requests'
        ? this.#claims < this.#load.requests
        : this.#openedAt === undefined || now < this.#closesAt(this.#openedAt)
    if (!isOpen) return false
    this.#openedAt ??= now
    this.#claims += 1
    return true
  }

  /** A measured request is over; one that we cancelled has not `ended`. */
  countEnded({ sentAt, endedAt, outcome }: Generation): void {
    this.#firstSentAt = Math.min(this.#firstSentAt, sentAt)
    this.#lastEndedAt = Math.max(this.#lastEndedAt, endedAt)
    if (outcome === 'cancelled') return
    this.#ended += 1
    if (this.#load.kind === 'closed-duration' && this.#ended === this.#load.atLeast)
      this.#atLeastAt = endedAt
  }

  /**
   * The window as it was, once all requests are over; absent where none was sent.
   * @param stoppedAt when the trial was broken off, if it was
   */
  bounds(stoppedAt = Infinity): { readonly openAt: number; readonly closeAt: number } | undefined {
    if (this.#firstSentAt === Infinity) return undefined
    const openAt = this.#firstSentAt
    const closeAt = Math.min(this.#closesAt(openAt), stoppedAt)
    return { openAt, closeAt: Math.max(openAt, closeAt) }
  }

  /** As far as is known by now. */
  #closesAt(openAt: number): number {
    const load = this.#load
    if (load.kind === 'closed-requests') return this.#lastEndedAt
    if (load.kind === 'open') return openAt + load.durationMs
    const latest = openAt + load.atMostMs
    const reachedAt = load.atLeast > 0 ? this.#atLeastAt : openAt
    if (reachedAt === undefined) return latest
    return Math.min(latest, Math.max(openAt + load.durationMs, reachedAt))
  }
}
