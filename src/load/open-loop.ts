/** An open loop: requests are sent when the schedule says, however long the server takes for those before. */
import type { Load } from '../experiment/experiment.ts'
import { pause } from './pause.ts'

type OpenLoad = Extract<Load, { kind: 'open' }>

/**
 * When requests are due, in milliseconds from the first, which is due at 0; ascending, below the duration.
 * `poisson`: independent exponential gaps, as of many users who do not know of each other.
 * @param random in [0, 1)
 */
export function* arrivals(load: OpenLoad, random: () => number): Generator<number> {
  const meanGapMs = 1000 / load.ratePerSecond
  if (load.arrival === 'constant') {
    // Multiplied, not summed up: no rounding error grows.
    for (let index = 0; index * meanGapMs < load.durationMs; index += 1) yield index * meanGapMs
    return
  }
  for (let due = 0; due < load.durationMs; due -= Math.log(1 - random()) * meanGapMs) yield due
}

/** Sends each request when it is due, or as soon after as the event loop allows; none is left out. */
export async function openLoop(
  dues: Iterable<number>,
  now: () => number,
  send: (scheduledAt: number) => Promise<unknown>,
  stopped: AbortSignal,
): Promise<void> {
  const startedAt = now()
  const running: Promise<unknown>[] = []
  for (const due of dues) {
    const scheduledAt = startedAt + due
    // A timer may fire a fraction of a millisecond early.
    for (let wait = scheduledAt - now(); wait > 0 && !stopped.aborted; wait = scheduledAt - now())
      await pause(wait, stopped)
    if (stopped.aborted) break
    running.push(send(scheduledAt))
  }
  await Promise.all(running)
}
