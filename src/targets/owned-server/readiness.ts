/** Waits until a server answers. */
import { setTimeout as sleep } from 'node:timers/promises'
import { ExpError } from '../../errors/exp-error.ts'

/**
 * The limit of one probe. Ollama binds its socket before it looks for GPUs; connections made meanwhile wait in
 * the backlog, and some of them are never answered.
 */
export const probeTimeoutMs = 1_500
const pauseMs = 100

/**
 * Returns the result of the first probe that succeeds. Throws `ExpError` if the server has exited, or if `limitMs`
 * have passed.
 * @param probe throws while the server is not ready; called repeatedly
 * @param exited returns why the server exited, or undefined while it runs; called after each probe
 */
export async function waitUntilReady<Answer>(
  probe: () => Promise<Answer>,
  exited: () => Promise<string | undefined>,
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
    const reason = await exited()
    if (reason !== undefined) throw new ExpError('environment', `${reason} before it was ready`)
    if (answer) return answer.value
    if (performance.now() > end)
      throw new ExpError('environment', `it did not answer within ${limitMs / 1000} s`)
    await sleep(pauseMs, undefined, { signal })
  }
}
