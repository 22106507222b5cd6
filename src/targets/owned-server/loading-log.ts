/** Reads what a server's log says while it loads its models. */
import { setTimeout as sleep } from 'node:timers/promises'
import { ServerLog } from '../../ollama/server-log.ts'
import type { Tail } from '../evidence/log-file.ts'

/**
 * Reads the log until it says that the models are loaded. The server answers a moment before that, because the
 * log passes through a file or a container engine. Two models that share a file may need only one load.
 */
export async function readLoadingLog(
  tail: Tail,
  models: number,
  signal: AbortSignal,
): Promise<ServerLog> {
  const log = new ServerLog()
  for (let tries = 0; tries < (log.isLoading ? 100 : 20); tries += 1) {
    log.readText(await tail())
    if (log.loads >= models && !log.isLoading) break
    await sleep(100, undefined, { signal })
  }
  return log
}

/** Reads the log until a reload of the model with other options, if there is one, has ended. */
export async function readReloadingLog(
  tail: Tail,
  log: ServerLog,
  signal: AbortSignal,
): Promise<void> {
  for (let tries = 0; tries < 100; tries += 1) {
    log.readText(await tail())
    if (!log.isLoading && tries > 0) return
    await sleep(100, undefined, { signal })
  }
}
