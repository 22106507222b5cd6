/** A server that we brought up, process or container alike: made ready with its model, watched, taken down. */
import { setTimeout as sleep } from 'node:timers/promises'
import { ExpError } from '../../errors/exp-error.ts'
import type { MeasuredConfig } from '../../experiment/experiment.ts'
import type { OllamaClient } from '../../ollama/client.ts'
import type { Evidence } from '../../results/record.ts'
import { logEnding } from './log-ending.ts'
import { missingObservation, observeLog, observeServer, errorMessage } from '../evidence/observe.ts'
import { pullModel } from './pull-model.ts'
import type { PullProgress } from './pull-model.ts'
import { probeTimeoutMs } from './readiness.ts'
import { logFactIds, ServerLog } from '../evidence/server-log.ts'
import type { Tail } from '../evidence/log-file.ts'
import type { Observation, RunningTarget } from '../target.ts'

/** It answers; whoever holds it takes it down. */
export interface OwnedServer {
  readonly url: string
  readonly client: OllamaClient
  /** What came to its log since the last call. */
  readonly tail: Tail
  /** The whole of its log. */
  readonly log: () => Promise<string>
  /** A sentence that says how it ended by itself; `undefined` while it runs. */
  readonly ended: () => Promise<string | undefined>
  /** Safe to call twice. */
  readonly takeDown: () => Promise<void>
}

export interface ModelRequest {
  readonly config: MeasuredConfig
  readonly pull: boolean
  readonly onPull: (progress: PullProgress) => void
}

type MoreEvidence = (when: Evidence['when'], signal: AbortSignal) => Promise<readonly Observation[]>

/**
 * Has the model loaded with exactly the trial's options, since others would be thrown away by a reload, and
 * returns the target. Whatever goes wrong, the server is taken down before this throws.
 */
export async function runAsTarget(
  server: OwnedServer,
  wish: ModelRequest,
  signal: AbortSignal,
  moreEvidence: MoreEvidence = () => Promise.resolve([]),
): Promise<RunningTarget> {
  try {
    await haveModel(server, wish, signal)
    await preload(server, wish.config, signal)
    return await watched(server, wish.config.model.name, moreEvidence)
  } catch (error) {
    await server.takeDown()
    throw error
  }
}

/** The error with the last lines of the log in its message. */
export function withLog(error: unknown, log: string): unknown {
  if (!isServerError(error)) return error
  return new ExpError(error.code, error.message + logEnding(log), error.hint)
}

export function isServerError(error: unknown): error is ExpError {
  return error instanceof ExpError && error.code !== 'interrupted'
}

async function haveModel(
  { client, url }: OwnedServer,
  { config, pull, onPull }: ModelRequest,
  signal: AbortSignal,
): Promise<void> {
  const model = config.model.name
  try {
    await client.show(model, { signal })
  } catch (error) {
    if (!pull || !isServerError(error)) throw error
    await pullModel(url, model, onPull, signal)
  }
}

async function preload(
  server: OwnedServer,
  { model, options, workload }: MeasuredConfig,
  signal: AbortSignal,
): Promise<void> {
  try {
    await server.client.preload(model.name, options, workload.keepAlive, { signal })
  } catch (error) {
    if (!isServerError(error)) throw error
    const ended = await endedSoon(server)
    const crash =
      ended === undefined
        ? error
        : new ExpError('environment', `${ended} while it loaded \`${model.name}\``)
    throw withLog(crash, await server.log())
  }
}

/** The connection breaks a moment before the system says that the process is gone; a server that answers lives. */
async function endedSoon({ client, ended }: OwnedServer): Promise<string | undefined> {
  for (let tries = 0; tries < 50; tries += 1) {
    const how = await ended()
    if (how !== undefined) return how
    if (tries >= 5 && (await isAnswering(client))) return undefined
    await sleep(100)
  }
  return undefined
}

function isAnswering(client: OllamaClient): Promise<boolean> {
  return client.version({ timeoutMs: probeTimeoutMs }).then(
    () => true,
    () => false,
  )
}

async function watched(
  server: OwnedServer,
  model: string,
  moreEvidence: MoreEvidence,
): Promise<RunningTarget> {
  const log = await logOfLoading(server)
  log.startCounting()
  return {
    url: server.url,
    model,
    headers: {},
    observe: async (when, signal) => {
      const answers = await observeServer(server.client, model, when, signal)
      if (when === 'during') return answers
      return [...answers, await observeOwnLog(server, log), ...(await moreEvidence(when, signal))]
    },
    ended: () => endedWhileMeasured(server),
    stop: () => server.takeDown(),
  }
}

async function endedWhileMeasured({ ended, log }: OwnedServer): Promise<string | undefined> {
  const how = await ended().catch(() => undefined)
  if (how === undefined) return undefined
  return `${how} while it was measured${logEnding(await log().catch(() => ''))}`
}

async function observeOwnLog({ tail, ended }: OwnedServer, log: ServerLog): Promise<Observation> {
  try {
    log.readText(await tail())
    return observeLog(log, (await ended()) === undefined ? 0 : 1)
  } catch (error) {
    return missingObservation('server log', logFactIds, errorMessage(error))
  }
}

/** The server answers a moment before its log, on its way through a file or an engine, says that the model is loaded. */
async function logOfLoading({ tail }: OwnedServer): Promise<ServerLog> {
  const log = new ServerLog()
  for (let tries = 0; tries < (log.isLoading ? 100 : 20); tries += 1) {
    log.readText(await tail())
    if (log.loads > 0 && !log.isLoading) break
    await sleep(100)
  }
  return log
}
