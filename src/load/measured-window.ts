/**
 * The measured window of a trial: the time in which its load sends requests. Rates use another window, which the
 * analysis computes.
 */
import type { Load } from '../experiment/load.ts'
import type { Generation } from '../ollama/generation.ts'

/**
 * Opens when the first measured request is sent. If the load has a duration, it closes when the duration has passed and
 * `atLeast` requests have ended, and after `atMost` at the latest. If the load is a number of requests, it closes when
 * the last one ends. All times are on the trial's clock.
 */
export class MeasuredWindow {
  readonly #load: Load
  /** Requests that `reserve` has allowed so far. */
  #reserved = 0
  /** When the first request was reserved, just before it was sent. */
  #openedAt: number | undefined
  #firstSentAt = Infinity
  #lastEndedAt = -Infinity
  #ended = 0
  /** When the number of ended requests reached `atLeast`. */
  #enoughEndedAt: number | undefined

  constructor(load: Load) {
    this.#load = load
  }

  /** Returns true and counts the request if one more request may start now. */
  reserve(now: number): boolean {
    if (this.isOver(now)) return false
    this.#openedAt ??= now
    this.#reserved += 1
    return true
  }

  /** True if no request may start at this time or later, judged by the requests that have ended so far. */
  isOver(at: number): boolean {
    if (this.#openedAt === undefined) return false
    return this.#load.kind === 'closed-requests'
      ? this.#reserved >= this.#load.requests
      : at >= this.#closesAt(this.#openedAt)
  }

  /** Counts a measured request that ended. Cancelled ones do not count towards `atLeast`. */
  countEnded({ sentAt, endedAt, outcome }: Generation): void {
    this.#firstSentAt = Math.min(this.#firstSentAt, sentAt)
    this.#lastEndedAt = Math.max(this.#lastEndedAt, endedAt)
    if (outcome === 'cancelled') return
    this.#ended += 1
    if (this.#load.kind === 'closed-duration' && this.#ended === this.#load.atLeast)
      this.#enoughEndedAt = endedAt
  }

  /**
   * The final window, or undefined if no request was sent. Call it when all requests have ended.
   * @param stoppedAt when the trial was stopped early; undefined if it was not
   */
  bounds(stoppedAt = Infinity): { readonly openAt: number; readonly closeAt: number } | undefined {
    if (this.#firstSentAt === Infinity) return undefined
    const openAt = this.#firstSentAt
    const closeAt = Math.min(this.#closesAt(openAt), stoppedAt)
    return { openAt, closeAt: Math.max(openAt, closeAt) }
  }

  /** When the window closes, judged by the requests that have ended so far. */
  #closesAt(openAt: number): number {
    const load = this.#load
    if (load.kind === 'closed-requests') return this.#lastEndedAt
    if (load.kind === 'open') return openAt + load.durationMs
    const latest = openAt + load.atMostMs
    const reachedAt = load.atLeast > 0 ? this.#enoughEndedAt : openAt
    if (reachedAt === undefined) return latest
    return Math.min(latest, Math.max(openAt + load.durationMs, reachedAt))
  }
}
