/**
 * `ollama serve` of our own, beside whatever runs already: a clean environment with the config's variables, a
 * free port, the user's model store, a log that is kept. What was started is ended, and nothing else.
 */
import { access, mkdir } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { ExpError } from '../../errors/exp-error.ts'
import type { MeasuredConfig } from '../../experiment/experiment.ts'
import type { Target } from '../../experiment/target-kinds.ts'
import type { LocalSettings } from '../../host/local-settings.ts'
import type { MachineTools } from '../../host/machine-tools.ts'
import { OllamaClient } from '../../ollama/client.ts'
import { freePort } from './free-port.ts'
import type { Environment } from '../url/headers.ts'
import { findModelStore, storeHolds } from './model-store.ts'
import { findOllama } from './ollama-binary.ts'
import type { OllamaBinary } from './ollama-binary.ts'
import { runAsTarget, isServerError, withLog } from '../owned-server/owned-server.ts'
import type { OwnedServer } from '../owned-server/owned-server.ts'
import type { PullProgress } from '../owned-server/pull-model.ts'
import { probeTimeoutMs, waitUntilReady } from '../owned-server/readiness.ts'
import { cleanEnvironment, refuseBadVariables } from '../owned-server/server-environment.ts'
import { ServerProcess } from './server-process.ts'
import type { Availability, RunningTarget, TargetDriver } from '../target.ts'

export interface ProcessDependencies {
  readonly tools: MachineTools
  /** This process's environment. */
  readonly env: Environment
  readonly settings: LocalSettings
  /** Where what was started is recorded, and logs are kept. */
  readonly stateFolder: string
  /** The project's. */
  readonly folder: string
  /** The store of the Ollama that runs on this machine, where it can be known. */
  readonly runningStore: () => Promise<string | undefined>
  readonly onPull: (progress: PullProgress) => void
}

/** GPU discovery may take 30 s, and a slow disk more. */
const readyWithinMs = 120_000
/** How often a port may be taken between our asking for it and the server's. */
const portTries = 5
const what = 'ollama serve'

interface Launch {
  readonly binary: OllamaBinary
  readonly store: string
  readonly env: Readonly<Record<string, string>>
}

export class ProcessTarget implements TargetDriver {
  readonly kind = 'process'
  readonly #deps: ProcessDependencies

  constructor(deps: ProcessDependencies) {
    this.#deps = deps
  }

  async check(config: MeasuredConfig, signal: AbortSignal): Promise<Availability> {
    try {
      return await this.#checkModel(config, await this.#prepare(config), signal)
    } catch (error) {
      if (!isServerError(error)) throw error
      return { available: false, why: error.message, fix: error.hint ?? 'see `exp doctor`' }
    }
  }

  async start(config: MeasuredConfig, signal: AbortSignal): Promise<RunningTarget> {
    const server = await this.#launch(await this.#prepare(config), signal)
    const { pull } = processSettings(config)
    return runAsTarget(server, { config, pull, onPull: this.#deps.onPull }, signal)
  }

  /** A file of the store tells quickly that the model is there; that it is not, the server itself has to say. */
  async #checkModel(
    config: MeasuredConfig,
    launch: Launch,
    signal: AbortSignal,
  ): Promise<Availability> {
    const model = config.model.name
    const ours = '`OLLAMA_HOST` of a process target is exp’s to choose: a free port of 127.0.0.1'
    const notes = 'OLLAMA_HOST' in config.env ? [ours] : []
    if (await storeHolds(launch.store, model)) return { available: true, notes }
    if (processSettings(config).pull)
      return { available: true, notes: [...notes, `\`${model}\` will be pulled`] }
    const server = await this.#launch(launch, signal)
    try {
      await server.client.show(model, { signal })
      return { available: true, notes }
    } finally {
      await server.takeDown()
    }
  }

  /** Throws `ExpError` where the program is missing or of another version, or a variable cannot be set. */
  async #prepare(config: MeasuredConfig): Promise<Launch> {
    const { version, models } = processSettings(config)
    const { tools, settings, env, folder, runningStore } = this.#deps
    refuseBadVariables(config.env)
    const binary = await findOllama(version, settings, tools)
    const store = await findModelStore({
      declared: [models, config.env['OLLAMA_MODELS'], settings.ollama.models],
      folder,
      env,
      running: await runningStore(),
    })
    const clean = { ...cleanEnvironment(env), ...(await this.#home()) }
    return { binary, store, env: { ...clean, ...config.env } }
  }

  /** Ollama writes a key into its user's folder: where it has none yet, it gets one of ours. */
  async #home(): Promise<Readonly<Record<string, string>>> {
    if (await isThere(join(this.#deps.env['HOME'] ?? homedir(), '.ollama'))) return {}
    const home = join(this.#deps.stateFolder, 'home')
    await mkdir(home, { recursive: true })
    return { HOME: home }
  }

  async #launch(launch: Launch, signal: AbortSignal): Promise<OwnedServer> {
    for (let attempt = 1; ; attempt += 1) {
      const { process, server } = await this.#spawn(launch)
      try {
        await ready(process, server, launch.binary.version, signal)
        return server
      } catch (error) {
        const log = await process.log()
        await server.takeDown()
        const portTaken = process.exit !== undefined && /address already in use/i.test(log)
        if (!portTaken || attempt === portTries) throw withLog(error, log)
      }
    }
  }

  async #spawn({ binary, store, env }: Launch) {
    const { stateFolder, tools } = this.#deps
    const host = `127.0.0.1:${await freePort()}`
    const process = await ServerProcess.start(
      {
        file: binary.file,
        args: ['serve'],
        // Without NOPRUNE a server removes at its start what it takes for rests of the user's store.
        env: { ...env, OLLAMA_HOST: host, OLLAMA_MODELS: store, OLLAMA_NOPRUNE: '1' },
        what,
      },
      stateFolder,
      tools,
    )
    return { process, server: owned(process, `http://${host}`) }
  }
}

function owned(process: ServerProcess, url: string): OwnedServer {
  const client = new OllamaClient({ baseUrl: url })
  return {
    url,
    client,
    tail: process.tail,
    log: () => process.log(),
    ended: () =>
      Promise.resolve(
        process.exit === undefined ? undefined : `\`${what}\` ended (${process.exit})`,
      ),
    takeDown: async () => {
      await client.close()
      await process.end()
    },
  }
}

/** Returns when it answers as the version that it should be; another server that took the port is not mistaken for it. */
async function ready(
  process: ServerProcess,
  { client, ended }: OwnedServer,
  version: string,
  signal: AbortSignal,
): Promise<void> {
  const answer = await waitUntilReady(
    async () => {
      const said = await client.version({ signal, timeoutMs: probeTimeoutMs })
      // Until its own log says that it listens, who answers may be another.
      if (!(await process.log()).includes('Listening on ')) throw new Error('not yet')
      return said
    },
    ended,
    readyWithinMs,
    signal,
  )
  if (answer !== version)
    throw new ExpError(
      'environment',
      `\`${what}\` says that it is ${answer}, and its program ${version}`,
    )
}

function processSettings({ target }: MeasuredConfig): Target<'process'> {
  if (target.kind !== 'process') throw new Error(`not a process target: ${target.kind}`)
  return target
}

function isThere(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  )
}
