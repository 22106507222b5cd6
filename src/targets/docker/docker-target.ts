/**
 * Ollama in a container that exp creates with the `docker` command and removes at the end, on the engine of this
 * machine or of a Docker context. The container has a free port, an owner label and the config's limits. The models are
 * in a named volume that exp keeps, or in a mounted folder.
 */
import { randomBytes } from 'node:crypto'
import { isAbsolute } from 'node:path'
import { ExpError } from '../../errors/exp-error.ts'
import type { MeasuredConfig } from '../../experiment/experiment.ts'
import { modelsOf } from '../../experiment/mix.ts'
import { machineId } from '../../host/facts/machine.ts'
import type { MachineTools } from '../../host/machine-tools.ts'
import { identifyProcess } from '../../host/processes/process-group.ts'
import type { OllamaClient } from '../../ollama/client.ts'
import { newLogFile } from '../evidence/log-file.ts'
import { isServerError, runAsTarget, withLog } from '../owned-server/owned-server.ts'
import type { PullProgress } from '../owned-server/pull-model.ts'
import { absolutePath, isEmptyStore, missingModel } from '../process/model-store.ts'
import { observeRoundTrip } from '../remote/round-trip.ts'
import type { Availability, RunningTarget, TargetDriver } from '../target.ts'
import { observeContainer } from './container-evidence.ts'
import {
  ensureVolume,
  hasImage,
  missingImage,
  placeOfModels,
  pullImage,
} from './container-image.ts'
import { readyServer } from './container-server.ts'
import { Container } from './container.ts'
import {
  createArguments,
  dockerSettings,
  formatOwner,
  type DockerSettings,
} from './create-arguments.ts'
import { observeEngineMachine } from './engine-machine.ts'
import { findEngine, type DockerEngine } from './engine.ts'
import { recordRemoteContainer } from './remote-containers.ts'

export interface DockerDependencies {
  readonly tools: MachineTools
  /** The folder that keeps logs. */
  readonly stateFolder: string
  /** The project's folder; a relative folder of models is relative to it. */
  readonly folder: string
  readonly onPull: (progress: PullProgress) => void
}

export class DockerTarget implements TargetDriver {
  readonly kind = 'docker'
  readonly #deps: DockerDependencies
  /** By Docker context. */
  readonly #engines = new Map<string | undefined, DockerEngine>()

  constructor(deps: DockerDependencies) {
    this.#deps = deps
  }

  /** Starts the container as for a measurement, then removes it: only a real start proves that it can run. */
  async check(config: MeasuredConfig, signal: AbortSignal): Promise<Availability> {
    try {
      const engine = await this.#engine(config, signal)
      const availability = await this.#checkOn(engine, config, signal)
      return availability.available && engine.remote !== undefined
        ? { ...availability, machine: engine.remote.machine }
        : availability
    } catch (error) {
      if (!isServerError(error)) throw error
      return unavailable(error)
    }
  }

  async start(config: MeasuredConfig, signal: AbortSignal): Promise<RunningTarget> {
    const engine = await this.#engine(config, signal)
    const { docker } = engine
    const { onPull, tools } = this.#deps
    if (!(await hasImage(docker, config, signal))) await pullImage(docker, config, onPull, signal)
    await ensureVolume(docker, config)
    const { server, container } = await this.#launch(engine, config, signal)
    const { pull, gpus } = dockerSettings(config)
    const isRemote = engine.remote !== undefined
    const target = await runAsTarget(
      server,
      { config, pull, onPull },
      signal,
      async (when, within) => [
        ...(await observeContainer(container, when, within, docker, isRemote ? undefined : tools)),
        ...(isRemote && when === 'before' ? [await observeRoundTrip(server.client, within)] : []),
      ],
    )
    if (!isRemote) return target
    return {
      ...target,
      observeMachine: (which, within) =>
        observeEngineMachine(docker, container.name, gpus !== undefined, which, within),
    }
  }

  async #engine(config: MeasuredConfig, signal: AbortSignal): Promise<DockerEngine> {
    const { context } = dockerSettings(config)
    const known = this.#engines.get(context)
    if (known !== undefined) return known
    const engine = await findEngine(context, this.#deps.tools, signal)
    this.#engines.set(context, engine)
    return engine
  }

  async #checkOn(
    engine: DockerEngine,
    config: MeasuredConfig,
    signal: AbortSignal,
  ): Promise<Availability> {
    const { docker } = engine
    if (!(await hasImage(docker, config, signal))) {
      const { image, pull } = dockerSettings(config)
      if (!pull) return unavailable(missingImage(docker, config))
      return { available: true, notes: [`the image \`${image}\` will be pulled`] }
    }
    const removeNewVolume = await ensureVolume(docker, config)
    try {
      return await this.#checkByStarting(engine, config, signal)
    } finally {
      await removeNewVolume()
    }
  }

  async #checkByStarting(
    engine: DockerEngine,
    config: MeasuredConfig,
    signal: AbortSignal,
  ): Promise<Availability> {
    const settings = this.#settings(config, engine)
    const { models, pull } = settings
    const wanted = modelsOf(config)
    // A server would create folders in an empty one.
    if (
      models !== undefined &&
      !pull &&
      engine.remote === undefined &&
      (await isEmptyStore(models))
    )
      return unavailable(missingModel(models, wanted[0].name))
    const { server } = await this.#launch(engine, config, signal)
    const { client } = server
    try {
      const notes: string[] = []
      for (const { name, digest } of wanted) {
        if (pull && !(await hasModel(client, name, signal))) {
          notes.push(`\`${name}\` will be pulled into ${placeOfModels(settings)}`)
          continue
        }
        await client.show(name, { signal })
        if (digest !== undefined) await client.assertDigest(name, digest, { signal })
      }
      return { available: true, notes }
    } finally {
      await server.stop()
    }
  }

  async #launch(engine: DockerEngine, config: MeasuredConfig, signal: AbortSignal) {
    const name = `exp-${randomBytes(6).toString('hex')}`
    const { stateFolder, tools } = this.#deps
    const { docker, remote } = engine
    const settings = this.#settings(config, engine)
    const forget = remote && recordRemoteContainer(stateFolder, name, remote.machine.name)
    const container = new Container(docker, name, forget)
    const create = createArguments({
      name,
      owner: await this.#owner(),
      settings,
      env: config.env,
      ...(remote?.access.kind === 'tcp' && { address: remote.access.address }),
    })
    try {
      await container.start(create, signal)
      const logFile = await newLogFile(stateFolder)
      const server = await readyServer(container, engine, settings, logFile, signal)
      const processes = await container.processes(tools, remote === undefined)
      return { container, server: { ...server, processes } }
    } catch (error) {
      const log = await container.log().catch(() => '')
      await container.remove()
      throw withLog(error, log)
    }
  }

  #settings(config: MeasuredConfig, { remote }: DockerEngine): DockerSettings {
    const settings = dockerSettings(config)
    if (settings.models === undefined) return settings
    if (remote === undefined)
      return { ...settings, models: absolutePath(settings.models, this.#deps.folder) }
    if (isAbsolute(settings.models)) return settings
    throw new ExpError(
      'environment',
      `the folder of models \`${settings.models}\` is relative, but the engine is on another machine`,
      'write the absolute path that the folder has on that machine',
    )
  }

  async #owner(): Promise<string> {
    const { tools } = this.#deps
    const identity = await identifyProcess(process.pid, tools)
    if (!identity) throw new Error('this process cannot be identified')
    return formatOwner({ ...identity, machine: await machineId(tools) })
  }
}

function hasModel(client: OllamaClient, model: string, signal: AbortSignal): Promise<boolean> {
  return client.show(model, { signal }).then(
    () => true,
    (error: unknown) => {
      if (!isServerError(error)) throw error
      return false
    },
  )
}

function unavailable({ message, hint }: Pick<ExpError, 'message' | 'hint'>): Availability {
  return { available: false, why: message, fix: hint ?? 'run `exp doctor` to see what is missing' }
}
