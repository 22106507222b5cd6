/**
 * An `ollama serve` that exp starts, independent of any server that is already running. It has a clean environment
 * with the config's variables, a free port, the user's model store, and a log that is kept. exp stops only the
 * processes that it started.
 */
import { mkdir } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { ExpError } from '../../errors/exp-error.ts'
import type { MeasuredConfig } from '../../experiment/experiment.ts'
import { modelsOf } from '../../experiment/mix.ts'
import type { Model } from '../../experiment/model.ts'
import type { Target } from '../../experiment/target-kinds.ts'
import type { LocalSettings } from '../../files/local-settings.ts'
import type { MachineTools } from '../../host/machine-tools.ts'
import { OllamaClient } from '../../ollama/client.ts'
import {
  isServerError,
  ownedServerName,
  runAsTarget,
  withLog,
  type OwnedServer,
  probeTimeoutMs,
  waitUntilReady,
} from '../owned-server/owned-server.ts'
import type { PullProgress } from '../owned-server/pull-model.ts'
import {
  cleanEnvironment,
  assertValidVariables,
  type EnvironmentVariables,
} from '../owned-server/server-environment.ts'
import { freePort } from '../remote/free-port.ts'
import type { Availability, RunningTarget, TargetDriver } from '../target.ts'
import {
  findModelStore,
  isEmptyStore,
  missingModel,
  pathExists,
  storeHasModel,
} from './model-store.ts'
import { findOllama, type OllamaBinary } from './ollama-binary.ts'
import { ServerProcess } from './server-process.ts'

export interface ProcessDependencies {
  readonly tools: MachineTools
  /** The environment of this process. */
  readonly env: EnvironmentVariables
  readonly settings: LocalSettings
  /** The folder that records started servers and keeps logs. */
  readonly stateFolder: string
  /** The project's folder. */
  readonly folder: string
  /** The model store of the Ollama that runs on this machine, if it can be found. */
  readonly runningStore: () => Promise<string | undefined>
  readonly onPull: (progress: PullProgress) => void
}

/** GPU discovery may take 30 s, and longer on a slow disk. */
const readyWithinMs = 120_000
/** How many free ports to try, because another program may take one before the server does. */
const maxPortTries = 5
const serverName = 'ollama serve'

interface Launch {
  readonly binary: OllamaBinary
  readonly store: string
  readonly env: Readonly<Record<string, string>>
  /** The server's `HOME`, if it must not be the user's. */
  readonly home: string | undefined
}

export class ProcessTarget implements TargetDriver {
  readonly kind = 'process'
  readonly #deps: ProcessDependencies

  constructor(deps: ProcessDependencies) {
    this.#deps = deps
  }

  async check(config: MeasuredConfig, signal: AbortSignal): Promise<Availability> {
    try {
      return await this.#checkModels(config, await this.#prepare(config), signal)
    } catch (error) {
      if (!isServerError(error)) throw error
      return {
        available: false,
        why: error.message,
        fix: error.hint ?? 'run `exp doctor` to see what is missing',
      }
    }
  }

  async start(config: MeasuredConfig, signal: AbortSignal): Promise<RunningTarget> {
    const server = await this.#launch(await this.#prepare(config), signal)
    const { pull } = processSettings(config)
    return runAsTarget(server, { config, pull, onPull: this.#deps.onPull }, signal)
  }

  /**
   * Accepts models whose files are in the store. For other models and for pinned digests it starts a server, because
   * only a server can say whether a model is missing.
   */
  async #checkModels(
    config: MeasuredConfig,
    launch: Launch,
    signal: AbortSignal,
  ): Promise<Availability> {
    const ignored = '`OLLAMA_HOST` is ignored: exp starts the server on a free port of 127.0.0.1'
    const notes = 'OLLAMA_HOST' in config.env ? [ignored] : []
    const { pull } = processSettings(config)
    const toAsk: Model[] = []
    for (const model of modelsOf(config)) {
      const isStored = await storeHasModel(launch.store, model.name)
      if (!isStored && pull) notes.push(`\`${model.name}\` will be pulled`)
      else if (!isStored || model.digest !== undefined) toAsk.push(model)
    }
    const [first] = toAsk
    if (first === undefined) return { available: true, notes }
    // A server would create the missing folders.
    if (await isEmptyStore(launch.store)) {
      const { message, hint } = missingModel(launch.store, first.name)
      return { available: false, why: message, fix: hint }
    }
    const server = await this.#launch(launch, signal)
    try {
      for (const { name, digest } of toAsk) {
        await server.client.show(name, { signal })
        if (digest !== undefined) await server.client.assertDigest(name, digest, { signal })
      }
      return { available: true, notes }
    } finally {
      await server.stop()
    }
  }

  /** Throws `ExpError` if the program is missing or has another version, or if a variable cannot be set. */
  async #prepare(config: MeasuredConfig): Promise<Launch> {
    const { version, models } = processSettings(config)
    const { tools, settings, env, folder, runningStore } = this.#deps
    assertValidVariables(config.env)
    const binary = await findOllama(version, settings, tools)
    const store = await findModelStore({
      declared: [models, config.env['OLLAMA_MODELS'], settings.ollama.models],
      folder,
      env,
      running: await runningStore(),
    })
    const home = await this.#replacementHome()
    const clean = { ...cleanEnvironment(env), ...(home !== undefined && { HOME: home }) }
    return { binary, store, env: { ...clean, ...config.env }, home }
  }

  /** A server that finds no key writes one into `~/.ollama`. If the user has none, it gets another `HOME`. */
  async #replacementHome(): Promise<string | undefined> {
    const key = join(this.#deps.env['HOME'] ?? homedir(), '.ollama/id_ed25519')
    return (await pathExists(key)) ? undefined : join(this.#deps.stateFolder, 'home')
  }

  async #launch(launch: Launch, signal: AbortSignal): Promise<OwnedServer> {
    for (let attempt = 1; ; attempt += 1) {
      const { process, server } = await this.#spawn(launch)
      try {
        await waitForVersion(process, server, launch.binary.version, signal)
        return server
      } catch (error) {
        const log = await process.log()
        await server.stop()
        const portTaken = process.exit !== undefined && /address already in use/i.test(log)
        if (!portTaken || attempt === maxPortTries) throw withLog(error, log)
      }
    }
  }

  async #spawn({ binary, store, env, home }: Launch) {
    const { stateFolder, tools } = this.#deps
    if (home !== undefined) await mkdir(home, { recursive: true })
    const host = `127.0.0.1:${await freePort()}`
    const process = await ServerProcess.start(
      {
        file: binary.file,
        args: ['serve'],
        // Without NOPRUNE, a server that starts removes files of the user's store that it considers unused.
        env: { ...env, OLLAMA_HOST: host, OLLAMA_MODELS: store, OLLAMA_NOPRUNE: '1' },
        name: serverName,
      },
      stateFolder,
      tools,
    )
    return { process, server: ownedServer(process, `http://${host}`, store) }
  }
}

function ownedServer(process: ServerProcess, url: string, store: string): OwnedServer {
  const client = new OllamaClient({
    baseUrl: url,
    name: ownedServerName,
    missingModel: (model) => missingModel(store, model),
  })
  return {
    url,
    client,
    processes: { kind: 'process', pid: process.pid },
    tail: process.tail,
    log: () => process.log(),
    exitReason: () =>
      Promise.resolve(
        process.exit === undefined ? undefined : `\`${serverName}\` ended (${process.exit})`,
      ),
    stop: async () => {
      await client.close()
      await process.end()
    },
  }
}

/**
 * Waits until the server answers. Throws `ExpError` if its version is not that of the program. Ignores the answers
 * of another server that took the port.
 */
async function waitForVersion(
  process: ServerProcess,
  { client, exitReason }: OwnedServer,
  version: string,
  signal: AbortSignal,
): Promise<void> {
  const actual = await waitUntilReady(
    async () => {
      const reported = await client.version({ signal, timeoutMs: probeTimeoutMs })
      // Until its own log says that it listens, the answer may come from another server.
      if (!(await process.log()).includes('Listening on ')) throw new Error('not yet')
      return reported
    },
    exitReason,
    readyWithinMs,
    signal,
  )
  if (actual !== version)
    throw new ExpError(
      'environment',
      `\`${serverName}\` reports version ${actual}, but its program is version ${version}`,
      'run `exp doctor`: it shows each Ollama on this machine',
    )
}

function processSettings({ target }: MeasuredConfig): Target<'process'> {
  if (target.kind !== 'process') throw new Error(`not a process target: ${target.kind}`)
  return target
}
