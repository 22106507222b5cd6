/**
 * How the users of a closed loop spend the window: on requests in flight, on pauses, and on waiting for the load
 * generator itself.
 */
import type { MeasuredRequests } from './measured-requests.ts'
import type { StoredLoad, TrialWindow } from './trial-window.ts'

/** Sums over all users, in ms. If they add up to less than `users` times the window, the rest is unaccounted for. */
export interface UserTimes {
  readonly inFlightMs: number
  readonly pausedMs: number
  /** From an answer, or the end of a pause, to the next request: at most `longestTurnaroundMs` each. */
  readonly turnaroundMs: number
}

/** The time that the load generator may take to record an answer and to send the next request. */
export const longestTurnaroundMs = 1

/** Of 22,000 exponential pauses, one is longer than this many times the mean. */
const maxPauseFactor = 10

export function userTimes(
  { table, sent }: MeasuredRequests,
  { pause }: StoredLoad,
  { openMs, closeMs }: Pick<TrialWindow, 'openMs' | 'closeMs'>,
): UserTimes {
  const inside = (from: number, to: number) =>
    Math.max(0, Math.min(to, closeMs) - Math.max(from, openMs))
  const [sentAt, endAt] = [table.numbers('sentMs'), table.numbers('endMs')]
  const [users, pauses] = [table.numbers('user'), table.numbers('pauseMs')]
  let [inFlightMs, pausedMs, turnaroundMs] = [0, 0, 0]
  const lastEnds = new Map<number, number>()
  // The requests of a user end in the order in which they were sent.
  for (const row of sent) {
    const [user, from, to] = [users[row] ?? NaN, sentAt[row] ?? NaN, endAt[row] ?? NaN]
    const lastEnd = lastEnds.get(user)
    inFlightMs += inside(from, to)
    if (lastEnd === undefined) pausedMs += pause === undefined ? 0 : inside(openMs, from)
    else {
      const pauseMs = pauses[row] ?? NaN
      const dueMs = lastEnd + (Number.isNaN(pauseMs) ? 0 : pauseMs)
      pausedMs += inside(lastEnd, Math.min(dueMs, from))
      turnaroundMs += inside(dueMs, Math.min(from, dueMs + longestTurnaroundMs))
    }
    lastEnds.set(user, to)
  }
  if (pause !== undefined) {
    const longestMs = pause.meanMs * (pause.distribution === 'constant' ? 1 : maxPauseFactor)
    for (const lastEnd of lastEnds.values()) pausedMs += inside(lastEnd, lastEnd + longestMs)
  }
  return { inFlightMs, pausedMs, turnaroundMs }
}
