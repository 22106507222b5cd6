/**
 * The embedded engine: a server with Ollama's API and real llama.cpp inference, so that experiments run on machines
 * without Ollama. Input: an environment with the variables that Ollama reads. Output: an HTTP server on
 * `OLLAMA_HOST` and a log in Ollama's format. The model is small, with synthetic weights, and is served under the
 * names in `EXP_EMBEDDED_MODELS`. Its answers are noise; its timings are real (engine.ts defines what each duration
 * covers). It runs in a separate process, which `startEngine` starts with main.ts as the entry.
 */
import type { Server } from 'node:http'
import { cpus, freemem, totalmem } from 'node:os'
import { ExpError } from '../errors/exp-error.ts'
import { gibibytes } from '../format/number.ts'
import { openBackend } from './loaded-model.ts'
import { findBinding, notInstalled } from './engine-package.ts'
import { Engine } from './engine.ts'
import type { RouteContext } from './generation-routes.ts'
import { createHttpServer } from './http-server.ts'
import { slogLine, type Log } from './log-line.ts'
import {
  ModelNames,
  formatServerConfig,
  hostAndPort,
  readServerSettings,
  type EnvironmentVariables,
  type ServerSettings,
} from './server-settings.ts'
import { cacheFolder } from '../files/cache-folder.ts'
import { ensureWeights, weightsHint } from './weights-file.ts'

/** The version that `/api/version` returns. It is deliberately not a release of Ollama. */
const engineVersion = '0.0.0-exp-embedded+llama.cpp'

export interface EmbeddedOptions {
  readonly env: EnvironmentVariables
  readonly log: Log
  /** Stops the server when aborted. */
  readonly signal: AbortSignal
  /** Overrides the host in `OLLAMA_HOST`. */
  readonly host?: string
  readonly port?: number
}

/**
 * Serves until the signal is aborted, then cancels running requests and frees the model.
 * @throws ExpError `environment` if the address is not available or llama.cpp cannot be loaded
 */
export async function serveEmbedded({
  env,
  log,
  signal,
  ...address
}: EmbeddedOptions): Promise<void> {
  const settings = { ...readServerSettings(env), ...address }
  for (const { name, value, used } of settings.warnings)
    log(
      slogLine('WARN', 'invalid environment variable, using default', {
        key: name,
        value,
        default: used,
      }),
    )
  log(slogLine('INFO', 'server config', { env: formatServerConfig(settings.effective) }))
  const context = open(settings, env, log)
  context.catch(() => undefined) // handled below; without this an early failure would count as an unhandled rejection
  const server = createHttpServer(context, settings, log)
  try {
    const port = await listen(server, settings)
    const at = hostAndPort(settings.host, port)
    log(slogLine('INFO', `Listening on ${at} (version ${engineVersion})`))
    await Promise.race([aborted(signal), context.then(() => aborted(signal))])
  } finally {
    server.close()
    server.closeAllConnections()
    await context.then(({ engine }) => engine.close()).catch(() => undefined)
  }
}

/** Finds or creates the weights and loads llama.cpp. */
async function open(
  settings: ServerSettings,
  env: EnvironmentVariables,
  log: Log,
): Promise<RouteContext> {
  const hidePaths = (line: string): string => line.replaceAll(/\S*(?=exp-embedded-\w+\.gguf)/g, '')
  const binding = findBinding(env)
  if (binding === undefined) {
    const { why, fix } = notInstalled(process.platform, process.arch)
    throw new ExpError('environment', why, fix)
  }
  const [backend, weightsFile] = await Promise.all([
    openBackend(binding, (line) => log(hidePaths(line))).catch(
      throwEnvironmentError(
        'llama.cpp cannot be loaded',
        'Install the embedded engine again: `exp engine add`, or `npm ci` in the repository of exp.',
      ),
    ),
    ensureWeights(cacheFolder(env)).catch(
      throwEnvironmentError("the embedded model's weights cannot be written", weightsHint),
    ),
  ])
  log(
    slogLine('INFO', 'inference compute', {
      id: 'cpu',
      library: 'cpu',
      description: cpus()[0]?.model.trim() ?? 'cpu',
      total: gibibytes(totalmem()),
      available: gibibytes(freemem()),
    }),
  )
  const engine = new Engine(settings, backend, weightsFile, log)
  return {
    engine,
    modelNames: new ModelNames(settings.models),
    settings,
    version: engineVersion,
    log,
  }
}

const throwEnvironmentError =
  (what: string, hint: string) =>
  (error: unknown): never => {
    const why = error instanceof Error ? error.message : String(error)
    throw new ExpError('environment', `${what}: ${why}`, hint)
  }

/** Starts listening; returns the actual port. */
function listen(server: Server, { host, port }: ServerSettings): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', (error) => {
      const reason =
        'code' in error && error.code === 'EADDRINUSE' ? 'address already in use' : error.message
      reject(
        new ExpError(
          'environment',
          `listen tcp ${hostAndPort(host, port)}: bind: ${reason}`,
          'Set `OLLAMA_HOST` to another address, or use port 0 to listen on any free port.',
        ),
      )
    })
    server.listen(port, host, () => {
      const address = server.address()
      resolve(typeof address === 'object' && address !== null ? address.port : port)
    })
  })
}

const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve()
    else signal.addEventListener('abort', () => resolve(), { once: true })
  })
