/** What this machine offers to measure: its Ollama programs, the running server, and the models of both. Starts nothing. */
import type { LocalSettings } from '../files/local-settings.ts'
import type { MachineTools } from '../host/machine-tools.ts'
import { OllamaClient } from '../ollama/client.ts'
import { runningVariables } from './evidence/local-server-log.ts'
import { changedVariables } from './changed-variables.ts'
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
