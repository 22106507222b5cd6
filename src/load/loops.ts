/**
 * The two ways to send requests. In a closed loop each user sends the next request when the last one has ended. In
 * an open loop requests are sent on a schedule, however long the server takes to answer.
 */
import type { Load } from '../experiment/experiment.ts'
import type { Generation } from '../ollama/generation.ts'

const firstBackOffMs = 50
const maxBackOffMs = 1000

/**
 * Keeps exactly `users` requests in flight while `reserve` returns true, then waits for the requests that still run. A
 * user whose request failed waits before the next one, so that a failing server is not flooded.
 * @param reserve returns true if one more request may be sent now, and counts it
 * @param startAfterMs how long a user waits before the first request
 */
export async function closedLoop(
  users: number,
  reserve: () => boolean,
  send: (user: number) => Promise<Generation | undefined>,
  stopped: AbortSignal,
  startAfterMs: (user: number) => number = () => 0,
): Promise<void> {
  const runUser = async (user: number): Promise<void> => {
    let failures = 0
    const startMs = startAfterMs(user)
    if (startMs > 0) await pause(startMs, stopped)
    while (!stopped.aborted && reserve()) {
      const generation = await send(user)
      if (generation === undefined) return
      failures = generation.outcome === 'ok' ? 0 : failures + 1
      const waitMs = backOffMs(failures) - (generation.endedAt - generation.sentAt)
      if (waitMs > 0) await pause(waitMs, stopped)
    }
  }
  await Promise.all(Array.from({ length: users }, (_, user) => runUser(user)))
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
    // A timer may fire a fraction of a millisecond early.
    for (let wait = scheduledAt - now(); wait > 0 && !stopped.aborted; wait = scheduledAt - now())
      await pause(wait, stopped)
    if (stopped.aborted) break
    running.push(send(scheduledAt))
  }
  await Promise.all(running)
}

/** Resolves after this time, or at once when the signal aborts. Never rejects. */
function pause(ms: number, signal: AbortSignal): Promise<void> {
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
