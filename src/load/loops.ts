/** A closed loop: each user sends the next request when its last one has ended. */
import type { Generation } from '../ollama/generation.ts'
import { pause } from './pause.ts'

const firstBackOffMs = 50
const longestBackOffMs = 1000

/**
 * Keeps exactly `users` requests in flight for as long as `claim` lets one through, then waits for those that
 * run. A user whose request failed stands back a little (50 ms, doubled with each failure in a row up to 1 s,
 * less the time that the failure itself took), so that a server that refuses is not hammered.
 */
export async function closedLoop(
  users: number,
  claim: () => boolean,
  send: (user: number) => Promise<Generation | undefined>,
  stopped: AbortSignal,
): Promise<void> {
  const serve = async (user: number): Promise<void> => {
    let failures = 0
    while (!stopped.aborted && claim()) {
      const generation = await send(user)
      if (generation === undefined) return
      failures = generation.outcome === 'ok' ? 0 : failures + 1
      const rest = backOffMs(failures) - (generation.endedAt - generation.sentAt)
      if (rest > 0) await pause(rest, stopped)
    }
  }
  await Promise.all(Array.from({ length: users }, (_, user) => serve(user)))
}

/** How long one failure takes at least, with so many in a row; 0 for none. */
export function backOffMs(failures: number): number {
  return failures === 0 ? 0 : Math.min(longestBackOffMs, firstBackOffMs * 2 ** (failures - 1))
}
