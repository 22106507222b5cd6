/**
 * Operates a server that exp started, as a process or in a container: loads its model, reads evidence during the
 * trial, and stops it at the end.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { ExpError } from '../../errors/exp-error.ts'
import { oneLine } from '../../format/plain-text.ts'
import type { MeasuredConfig } from '../../experiment/experiment.ts'
import { modelsOf } from '../../experiment/mix.ts'
import type { ServerProcesses } from '../../host/resources/sampler.ts'
import type { OllamaClient } from '../../ollama/client.ts'
import type { Evidence } from '../../results/record.ts'
import type { Tail } from '../evidence/log-file.ts'
import { errorMessage, missingObservation, observeLog, observeServer } from '../evidence/observe.ts'
import { logFactIds, type ServerLog } from '../../ollama/server-log.ts'
import type { Observation, RunningTarget } from '../target.ts'
import { assertSupportsImages } from '../vision.ts'
import { readLoadingLog, readReloadingLog } from './loading-log.ts'
import { modelNames, preloadModels } from './preload-models.ts'
import { pullModel, type PullProgress } from './pull-model.ts'
import { withoutPaths } from '../../ollama/runner-command.ts'

/** How messages name a server that exp started, because its address differs in each trial. */
export const ownedServerName = 'the server'

/** A server that answers requests. Its owner must stop it. */
export interface OwnedServer {
  readonly url: string
  readonly client: OllamaClient
  readonly processes: ServerProcesses
  /** The lines of its log since the last call. */
  readonly tail: Tail
  /** The whole log. */
  readonly log: () => Promise<string>
  /** The reason why it exited without being stopped, as a sentence; `undefined` while it runs. */
  readonly exitReason: () => Promise<string | undefined>
  /** Can be called twice. */
  readonly stop: () => Promise<void>
}

/** The model that a server needs, and whether it may be downloaded. */
export interface ModelRequest {
  readonly config: MeasuredConfig
  readonly pull: boolean
  readonly onPull: (progress: PullProgress) => void
}

type ReadMoreEvidence = (
  when: Evidence['when'],
  signal: AbortSignal,
) => Promise<readonly Observation[]>

/**
 * Loads the model with the trial's own options, because other options would make the server reload it, and returns
 * the running target. If anything fails, stops the server and throws.
 */
export async function runAsTarget(
  server: OwnedServer,
  request: ModelRequest,
  signal: AbortSignal,
  moreEvidence: ReadMoreEvidence = () => Promise.resolve([]),
): Promise<RunningTarget> {
  try {
    await ensureModels(server, request, signal)
    await preload(server, request.config, signal)
    return await observedTarget(server, request.config, signal, moreEvidence)
  } catch (error) {
    await server.stop()
    throw error
  }
}

/** Adds the reason in the server's log to the error's message, if the message does not name it. */
export function withLog(error: unknown, log: string): unknown {
  if (!isServerError(error) || namesPreciseReason(error.message)) return error
  return new ExpError(error.code, error.message + logReason(log), error.hint)
}

export function isServerError(error: unknown): error is ExpError {
  return error instanceof ExpError && error.code !== 'interrupted'
}

async function ensureModels(
  { client, url }: OwnedServer,
  { config, pull, onPull }: ModelRequest,
  signal: AbortSignal,
): Promise<void> {
  for (const { name, digest } of modelsOf(config)) {
    const described = await client.show(name, { signal }).catch(async (error: unknown) => {
      if (!pull || !isServerError(error)) throw error
      await pullModel(url, name, onPull, signal)
      return client.show(name, { signal })
    })
    assertSupportsImages(config, name, described)
    if (digest !== undefined) await client.assertDigest(name, digest, { signal })
  }
}

async function preload(
  server: OwnedServer,
  config: MeasuredConfig,
  signal: AbortSignal,
): Promise<void> {
  try {
    await preloadModels(server.client, config, signal)
  } catch (error) {
    if (!isServerError(error)) throw error
    const reason = await waitForExitReason(server, signal)
    const loadedNames = modelNames(config)
      .map((name) => `\`${name}\``)
      .join(' and ')
    const crash =
      reason === undefined
        ? error
        : new ExpError('environment', `${reason} while it loaded ${loadedNames}`)
    throw withLog(crash, await server.log().catch(() => ''))
  }
}

/**
 * Waits up to 5 s until the system reports why the server exited, which it does a moment after the connection breaks.
 * Returns undefined as soon as the server answers again.
 */
async function waitForExitReason(
  { client, exitReason }: OwnedServer,
  signal: AbortSignal,
): Promise<string | undefined> {
  for (let tries = 0; tries < 50; tries += 1) {
    const reason = await exitReason()
    if (reason !== undefined) return reason
    if (tries >= 5 && (await isAnswering(client))) return undefined
    await sleep(100, undefined, { signal })
  }
  return undefined
}

function isAnswering(client: OllamaClient): Promise<boolean> {
  return client.version({ timeoutMs: probeTimeoutMs }).then(
    () => true,
    () => false,
  )
}

async function observedTarget(
  server: OwnedServer,
  started: MeasuredConfig,
  startSignal: AbortSignal,
  moreEvidence: ReadMoreEvidence,
): Promise<RunningTarget> {
  const models = modelNames(started)
  const log = await readLoadingLog(server.tail, models.length, startSignal)
  const startCounting = () => log.startCounting(undefined, log.modelFiles)
  startCounting()
  return {
    prepare: async (config, signal) => {
      await preload(server, config, signal)
      await readReloadingLog(server.tail, log, signal)
      startCounting()
    },
    url: server.url,
    name: ownedServerName,
    headers: {},
    processes: server.processes,
    observe: async (when, signal) => {
      const observations = await observeServer(server.client, models, when, signal)
      if (when === 'during') return observations
      return [
        ...observations,
        await observeServerLog(server, log),
        ...(await moreEvidence(when, signal)),
      ]
    },
    exitReason: () => exitReasonDuringTrial(server),
    stop: () => server.stop(),
  }
}

async function exitReasonDuringTrial({
  exitReason,
  log,
}: OwnedServer): Promise<string | undefined> {
  const reason = await exitReason().catch(() => undefined)
  if (reason === undefined) return undefined
  return `${reason} while it was measured${logReason(await log().catch(() => ''))}`
}

async function observeServerLog(
  { tail, exitReason }: OwnedServer,
  log: ServerLog,
): Promise<Observation> {
  try {
    log.readText(await tail())
    return observeLog(log, (await exitReason()) === undefined ? 0 : 1)
  } catch (error) {
    return missingObservation('server log', logFactIds, errorMessage(error))
  }
}

/**
 * The time limit of one probe. Ollama binds its socket before it looks for GPUs; connections made meanwhile wait in
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

/** How many of the last lines of a log to show. */
const endingLines = 6
const maxLineLength = 200

/** Lines without information: requests, stack frames, and lines of brackets only. */
const uninformative = /\[GIN\] |^at |^[\s()[\]{},;^]*$/

/** Lines that name the reason so precisely that the rest of the log adds nothing. */
const preciseReason =
  /requires flash_attn|requires more (system )?memory|unknown model architecture/i

/** Lines that say why a model was not loaded or a server ended, the most precise first. */
const reasons = [
  preciseReason,
  /unable to allocate|failed to allocate|out of memory/i,
  /^panic: |^fatal error: /,
  /msg="?load failed|error loading model|failed to (load|create)/i,
] as const

function namesPreciseReason(text: string): boolean {
  return preciseReason.test(text)
}

/**
 * The end of a sentence that says why a server failed: `; its log says: …` with the line that names the reason most
 * precisely, or, if no line names one, `; its log ends: … / …` with the last informative lines. Contains no paths and
 * control codes. Empty for a log without informative lines.
 */
export function logReason(text: string): string {
  const lines = text
    .split('\n')
    .map(cleanLine)
    .filter((line) => !uninformative.test(line))
  for (const pattern of reasons) {
    const line = lines.find((each) => pattern.test(each))
    if (line !== undefined) return `; its log says: ${line}`
  }
  const ending = lines.slice(-endingLines)
  return ending.length === 0 ? '' : `; its log ends: ${ending.join(' / ')}`
}

function cleanLine(line: string): string {
  const plain = oneLine(line)
    .replace(/^(\S+ \| )?time=\S+ /, '')
    .trim()
  const shown = withoutPaths(plain)
  return shown.length <= maxLineLength ? shown : `${shown.slice(0, maxLineLength - 1)}…`
}
