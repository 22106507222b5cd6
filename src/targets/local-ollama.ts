/**
 * What this machine offers to measure: its Ollama programs, the running server, and the models of both. Starts nothing.
 */
import type { LocalSettings } from '../files/local-settings.ts'
import type { MachineTools } from '../host/machine-tools.ts'
import { OllamaClient } from '../ollama/client.ts'
import { runningVariables } from './evidence/local-server-log.ts'
import type { EnvironmentVariables } from './owned-server/server-environment.ts'
import { findModelStore, storedModels } from './process/model-store.ts'
import { installedOllama } from './process/ollama-binary.ts'
import { localServerUrl } from './surroundings.ts'

export interface LocalOllama {
  /** The version of the installed program; undefined if there is none. */
  readonly installed: string | undefined
  /** The versions of the programs that exp.local.yaml names. */
  readonly named: readonly string[]
  /** The models that a server started by exp finds. */
  readonly models: readonly string[]
  /** The server that the command `ollama` would talk to; undefined if it does not answer. */
  readonly running: RunningServer | undefined
  /** The variables with which the user's own server runs, as far as they affect speed and are not the defaults. */
  readonly variables: Readonly<Record<string, string>>
}

export interface RunningServer {
  readonly url: string
  readonly version: string
  readonly models: readonly string[]
}

export interface LocalOllamaDependencies {
  readonly tools: MachineTools
  readonly env: EnvironmentVariables
  readonly settings: LocalSettings
  /** The project's folder. */
  readonly folder: string
  readonly signal: AbortSignal
}

const timeoutMs = 2_000

export async function findLocalOllama(deps: LocalOllamaDependencies): Promise<LocalOllama> {
  const { tools, env, settings, folder, signal } = deps
  const [installed, running, variables] = await Promise.all([
    installedOllama(tools).catch(() => undefined),
    findRunningServer(localServerUrl(env), signal),
    runningVariables(tools),
  ])
  const store = await findModelStore({
    declared: [settings.ollama.models],
    folder,
    env,
    running: variables.get('OLLAMA_MODELS'),
  })
  return {
    installed: installed?.version,
    named: Object.keys(settings.ollama.binaries),
    models: await storedModels(store),
    running,
    variables: running === undefined ? {} : changedVariables(variables),
  }
}

async function findRunningServer(
  url: string,
  signal: AbortSignal,
): Promise<RunningServer | undefined> {
  const client = new OllamaClient({ baseUrl: url })
  const options = { signal, timeoutMs }
  try {
    const [version, models] = await Promise.all([client.version(options), client.tags(options)])
    return { url, version, models: models.map(({ name }) => name) }
  } catch {
    signal.throwIfAborted()
    return undefined
  } finally {
    await client.close()
  }
}

/**
 * The variables that affect speed, each with the values that mean its default in some version (`envconfig/config.go`).
 */
const defaultValues: Readonly<Record<string, readonly string[]>> = {
  OLLAMA_CONTEXT_LENGTH: ['', '0', '2048', '4096'],
  OLLAMA_FLASH_ATTENTION: ['', '0', 'false'],
  OLLAMA_GPU_OVERHEAD: ['', '0'],
  OLLAMA_KEEP_ALIVE: ['', '5m', '5m0s'],
  OLLAMA_KV_CACHE_TYPE: ['', 'f16'],
  OLLAMA_MAX_LOADED_MODELS: ['', '0'],
  OLLAMA_MAX_QUEUE: ['', '512'],
  OLLAMA_MULTIUSER_CACHE: ['', '0', 'false'],
  OLLAMA_NEW_ENGINE: ['', '0', 'false'],
  OLLAMA_NUM_PARALLEL: ['', '0', '1'],
  OLLAMA_SCHED_SPREAD: ['', '0', 'false'],
}

/** The longest duration of Go, which Ollama prints for "forever". */
const forever = '2562047h47m16'

/**
 * The variables that differ from Ollama's defaults, so that an experiment can start from them.
 * @param variables as the server lists them in its log
 */
function changedVariables(
  variables: ReadonlyMap<string, string>,
): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(defaultValues).flatMap(([name, values]) => {
      const value = variables.get(name)
      if (value === undefined || values.includes(value)) return []
      return [[name, value.startsWith(forever) ? '-1' : value] as const]
    }),
  )
}
