/** Waiting for a server to answer. */
import { setTimeout as sleep } from 'node:timers/promises'
import { ExpError } from '../../errors/exp-error.ts'

/**
 * A probe may hang as long as this: Ollama binds its socket before it looks for GPUs, and connections made
 * meanwhile wait in the backlog, some of them for good.
 */
export const probeTimeoutMs = 1_500
const pauseMs = 100

/**
 * Returns what the first probe that succeeds returns.
 * @param probe throws while the server is not ready; is asked again and again
 * @param lost why the server will never answer, once that is known; checked before and after each probe
 * Throws `ExpError` when it is lost or `limitMs` are over.
 */
export async function waitUntilReady<Answer>(
  probe: () => Promise<Answer>,
  lost: () => Promise<string | undefined>,
  limitMs: number,
  signal: AbortSignal,
): Promise<Answer> {
  const end = performance.now() + limitMs
  for (;;) {
    signal.throwIfAborted()
    const answer = await probe().then(
      (value) => ({ value }),
      () => undefined,
    )
    signal.throwIfAborted()
    const why = await lost()
    if (why !== undefined) throw new ExpError('environment', `${why} before it was ready`)
    if (answer) return answer.value
    if (performance.now() > end)
      throw new ExpError('environment', `it did not answer within ${limitMs / 1000} s`)
    await sleep(pauseMs, undefined, { signal })
  }
}
