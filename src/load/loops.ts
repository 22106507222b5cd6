/**
 * The two ways to send requests. In a closed loop each user sends the next request when the last one has ended, at once
 * or after a pause. In an open loop requests are sent on a schedule, however long the server takes to answer.
 */
import type { Load, Pause } from '../experiment/load.ts'
import type { Generation } from '../ollama/generation.ts'

const firstBackOffMs = 50
const maxBackOffMs = 1000

export interface ClosedLoop {
  readonly users: number
  /** Returns true if one more request may be sent now, and counts it. */
  readonly reserve: () => boolean
  /** Resolves to undefined if the trial was stopped. */
  readonly send: (user: number, pauseMs?: number) => Promise<Generation | undefined>
  readonly stopped: AbortSignal
  /** How long a user waits before the first request. Default: 0. */
  readonly startAfterMs?: (user: number) => number
  readonly pauses?: UserPauses
}

/** The pauses of users between their requests. */
export interface UserPauses {
  /** Length of the user's next pause, in ms. */
  readonly next: (user: number) => number
  readonly now: () => number
  /** True if no request may be sent at this time. A user whose pause ends then stops at once instead of waiting. */
  readonly isTooLate: (at: number) => boolean
}

/**
 * Each of `users` users sends a request, waits for the answer, pauses if there are pauses, and sends the next one while
 * `reserve` returns true. Returns when all requests have ended. A user whose request failed waits before the next one,
 * so that a failing server is not flooded.
 */
export async function closedLoop(loop: ClosedLoop): Promise<void> {
  const { users, reserve, send, stopped, startAfterMs = () => 0, pauses } = loop
  const runUser = async (user: number): Promise<void> => {
    let failures = 0
    let pauseMs: number | undefined
    const startMs = startAfterMs(user)
    if (startMs > 0) await wait(startMs, stopped)
    while (!stopped.aborted && reserve()) {
      const generation = await send(user, pauseMs)
      if (generation === undefined) return
      const { sentAt, endedAt, outcome } = generation
      failures = outcome === 'ok' ? 0 : failures + 1
      const retryMs = backOffMs(failures) - (endedAt - sentAt)
      if (pauses === undefined) {
        if (retryMs > 0) await wait(retryMs, stopped)
        continue
      }
      pauseMs = pauses.next(user)
      const dueAt = endedAt + Math.max(pauseMs, retryMs)
      if (pauses.isTooLate(dueAt)) return
      await waitUntil(dueAt, pauses.now, stopped)
    }
  }
  await Promise.all(Array.from({ length: users }, (_, user) => runUser(user)))
}

/**
 * The length of a pause in ms.
 * @param random returns a number in [0, 1)
 */
export function pauseLength({ meanMs, distribution }: Pause, random: () => number): number {
  return distribution === 'constant' ? meanMs : -Math.log(1 - random()) * meanMs
}

/**
 * The minimum time between the start of a failed request and the start of the next: 50 ms, doubled with each
 * consecutive failure up to 1 s. 0 without a failure.
 */
function backOffMs(failures: number): number {
  return failures === 0 ? 0 : Math.min(maxBackOffMs, firstBackOffMs * 2 ** (failures - 1))
}

type OpenLoad = Extract<Load, { kind: 'open' }>

/**
 * The due times of the requests in milliseconds, ascending. The first is 0; all are below the duration. The gaps of
 * `poisson` arrivals are independent and exponential, as if many independent users sent them.
 * @param random returns a number in [0, 1)
 */
export function* arrivals(load: OpenLoad, random: () => number): Generator<number> {
  const meanGapMs = 1000 / load.ratePerSecond
  if (load.arrival === 'constant') {
    // A product and not a sum, so that rounding errors do not add up.
    for (let index = 0; index * meanGapMs < load.durationMs; index += 1) yield index * meanGapMs
    return
  }
  for (let due = 0; due < load.durationMs; due -= Math.log(1 - random()) * meanGapMs) yield due
}

/** Sends each request when it is due, or as soon as the event loop allows. Never skips a request. */
export async function openLoop(
  dueTimes: Iterable<number>,
  now: () => number,
  send: (scheduledAt: number) => Promise<unknown>,
  stopped: AbortSignal,
): Promise<void> {
  const startedAt = now()
  const running: Promise<unknown>[] = []
  for (const due of dueTimes) {
    const scheduledAt = startedAt + due
    await waitUntil(scheduledAt, now, stopped)
    if (stopped.aborted) break
    running.push(send(scheduledAt))
  }
  await Promise.all(running)
}

/** Resolves at this time of the clock `now`, or at once when the signal aborts. */
async function waitUntil(at: number, now: () => number, stopped: AbortSignal): Promise<void> {
  // A timer may fire a fraction of a millisecond early.
  for (let ms = at - now(); ms > 0 && !stopped.aborted; ms = at - now()) await wait(ms, stopped)
}

/** Resolves after this time, or at once when the signal aborts. Never rejects. */
function wait(ms: number, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve()
  return new Promise((resolve) => {
    const finish = () => {
      clearTimeout(timer)
      signal.removeEventListener('abort', finish)
      resolve()
    }
    const timer = setTimeout(finish, ms)
    signal.addEventListener('abort', finish)
  })
}
