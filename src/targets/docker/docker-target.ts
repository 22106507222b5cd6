/**
 * Ollama in a container that exp creates with the `docker` command and removes at the end. The container has a free
 * port of 127.0.0.1, an owner label and the config's limits. The models are in a named volume that is kept, or in a
 * folder that is mounted.
 */
import { randomBytes } from 'node:crypto'
import { ExpError } from '../../errors/exp-error.ts'
import type { MeasuredConfig } from '../../experiment/experiment.ts'
import { modelsOf } from '../../experiment/mix.ts'
import { machineId } from '../../host/facts/machine.ts'
import type { MachineTools } from '../../host/machine-tools.ts'
import { identifyProcess } from '../../host/processes/process-group.ts'
import type { MissingModel } from '../../ollama/api-connection.ts'
import { OllamaClient } from '../../ollama/client.ts'
import { newLogFile } from '../evidence/log-file.ts'
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
import { assertValidName } from '../owned-server/server-environment.ts'
import { absolutePath, isEmptyStore, missingModel } from '../process/model-store.ts'
import type { Availability, RunningTarget, TargetDriver } from '../target.ts'
import { observeContainer } from './container-evidence.ts'
import { Container } from './container.ts'
import {
  createArguments,
  dockerSettings,
  formatOwner,
  modelFolder,
  modelVolume,
  serverPort,
  volumeLabel,
  type DockerSettings,
} from './create-arguments.ts'
import { Docker } from './docker-cli.ts'
import { publishedPort } from './inspection.ts'

export interface DockerDependencies {
  readonly tools: MachineTools
  /** The folder that keeps logs. */
  readonly stateFolder: string
  /** The project's folder; a relative folder of models is relative to it. */
  readonly folder: string
  readonly onPull: (progress: PullProgress) => void
}

const readyWithinMs = 120_000

export class DockerTarget implements TargetDriver {
  readonly kind = 'docker'
  readonly #docker: Docker
  readonly #deps: DockerDependencies

  constructor(deps: DockerDependencies) {
    this.#deps = deps
    this.#docker = new Docker(deps.tools)
  }

  /** Starts the container as for a measurement, then removes it: only a real start proves that it can run. */
  async check(config: MeasuredConfig, signal: AbortSignal): Promise<Availability> {
    try {
      if (!(await this.#hasImage(config, signal))) return availabilityWithoutImage(config)
      const removeNewVolume = await this.#ensureVolume(config)
      try {
        return await this.#checkByStarting(config, signal)
      } finally {
        await removeNewVolume()
      }
    } catch (error) {
      if (!isServerError(error)) throw error
      return unavailable(error)
    }
  }

  async start(config: MeasuredConfig, signal: AbortSignal): Promise<RunningTarget> {
    if (!(await this.#hasImage(config, signal))) await this.#pullImage(config, signal)
    await this.#ensureVolume(config)
    const { server, container } = await this.#launch(config, signal)
    const request = { config, pull: dockerSettings(config).pull, onPull: this.#deps.onPull }
    return runAsTarget(server, request, signal, (when, observeSignal) =>
      observeContainer(container, when, observeSignal, this.#docker, this.#deps.tools),
    )
  }

  async #checkByStarting(config: MeasuredConfig, signal: AbortSignal): Promise<Availability> {
    const settings = this.#settings(config)
    const { models, pull } = settings
    const wanted = modelsOf(config)
    // A server would create folders in an empty one.
    if (models !== undefined && !pull && (await isEmptyStore(models)))
      return unavailable(missingModel(models, wanted[0].name))
    const { server } = await this.#launch(config, signal)
    const { client } = server
    try {
      const notes: string[] = []
      for (const { name, digest } of wanted) {
        if (pull && !(await hasModel(client, name, signal))) {
          notes.push(`\`${name}\` will be pulled into ${placeOf(settings)}`)
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

  async #hasImage(config: MeasuredConfig, signal: AbortSignal): Promise<boolean> {
    const { image } = dockerSettings(config)
    assertValidName('the name of an image', image)
    try {
      await this.#docker.run(['image', 'inspect', '--format={{.Id}}', image], { signal })
      return true
    } catch (error) {
      if (error instanceof ExpError && /no such image/i.test(error.message)) return false
      throw error
    }
  }

  async #pullImage(config: MeasuredConfig, signal: AbortSignal): Promise<void> {
    const { image, platform, pull } = dockerSettings(config)
    if (!pull) throw missingImage(config)
    this.#deps.onPull({ model: image, status: 'pulling the image' })
    const option = platform === undefined ? [] : [`--platform=${platform}`]
    await this.#docker.run(['pull', '--quiet', ...option, image], { signal, timeoutMs: 0 })
  }

  /** Creates the volume of models if it is missing. Returns a function that removes a volume created here. */
  async #ensureVolume(config: MeasuredConfig): Promise<() => Promise<void>> {
    const removeNothing = () => Promise.resolve()
    if (dockerSettings(config).models !== undefined) return removeNothing
    const list = ['volume', 'ls', '--quiet', `--filter=name=^${modelVolume}$`]
    if ((await this.#docker.run(list)) !== '') return removeNothing
    await this.#docker.run(['volume', 'create', `--label=${volumeLabel}`, modelVolume])
    return async () => {
      // This fails if another `exp` uses the volume in the meantime, and then the volume stays.
      await this.#docker.run(['volume', 'rm', modelVolume]).catch(() => undefined)
    }
  }

  async #launch(config: MeasuredConfig, signal: AbortSignal) {
    const name = `exp-${randomBytes(6).toString('hex')}`
    const container = new Container(this.#docker, name)
    const settings = this.#settings(config)
    const create = createArguments({
      name,
      owner: await this.#owner(),
      settings,
      env: config.env,
    })
    try {
      await container.start(create, signal)
      const logFile = await newLogFile(this.#deps.stateFolder)
      const server = await readyServer(container, settings, logFile, signal)
      const processes = await container.processes(this.#deps.tools)
      return { container, server: { ...server, processes } }
    } catch (error) {
      const log = await container.log().catch(() => '')
      await container.remove()
      throw withLog(error, log)
    }
  }

  #settings(config: MeasuredConfig): DockerSettings {
    const settings = dockerSettings(config)
    if (settings.models === undefined) return settings
    return { ...settings, models: absolutePath(settings.models, this.#deps.folder) }
  }

  async #owner(): Promise<string> {
    const { tools } = this.#deps
    const identity = await identifyProcess(process.pid, tools)
    if (!identity) throw new Error('this process cannot be identified')
    return formatOwner({ ...identity, machine: await machineId(tools) })
  }
}

/**
 * Waits until the server in the container answers.
 * @param logFile where `stop` saves the log before it removes the container
 */
async function readyServer(
  container: Container,
  settings: DockerSettings,
  logFile: string,
  signal: AbortSignal,
): Promise<Omit<OwnedServer, 'processes'>> {
  const port = publishedPort(await container.inspect(), serverPort)
  if (port === undefined)
    throw new ExpError('environment', (await container.exitReason()) ?? 'the container has no port')
  const url = `http://127.0.0.1:${port}`
  const client = new OllamaClient({
    baseUrl: url,
    name: ownedServerName,
    missingModel: (model) => missingInContainer(settings, model),
  })
  const server = {
    url,
    client,
    tail: () => container.newLog(),
    log: () => container.log(),
    exitReason: () => container.exitReason(),
    stop: async () => {
      await client.close()
      await container.saveLog(logFile)
      await container.remove()
    },
  }
  try {
    const probe = () => client.version({ signal, timeoutMs: probeTimeoutMs })
    await waitUntilReady(probe, server.exitReason, readyWithinMs, signal)
    return server
  } catch (error) {
    await client.close()
    throw error
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

function availabilityWithoutImage(config: MeasuredConfig): Availability {
  const { image, pull } = dockerSettings(config)
  if (pull) return { available: true, notes: [`the image \`${image}\` will be pulled`] }
  return unavailable(missingImage(config))
}

function missingImage(config: MeasuredConfig): ExpError {
  const { image, platform } = dockerSettings(config)
  const option = platform === undefined ? '' : `--platform ${platform} `
  return new ExpError(
    'environment',
    `the image \`${image}\` is not on this machine`,
    `docker pull ${option}${image}`,
  )
}

/** The volume or the folder that holds the models, in a message. */
function placeOf({ models }: DockerSettings): string {
  return models === undefined
    ? `the volume \`${modelVolume}\``
    : `the folder of models \`${models}\``
}

/**
 * What to say about a model that the container does not have: where the models are, and the command that pulls there.
 */
function missingInContainer(settings: DockerSettings, model: string): MissingModel {
  const { image, models } = settings
  if (models !== undefined) return missingModel(models, model)
  const run = `docker run --detach --name exp-pull --volume ${modelVolume}:${modelFolder} ${image}`
  return {
    message: `the model \`${model}\` is not in ${placeOf(settings)}`,
    hint: `set \`pull: true\` in the target, or pull it into the volume: \`${run} && docker exec exp-pull ollama pull ${model}; docker rm --force exp-pull\``,
  }
}

function unavailable({ message, hint }: Pick<ExpError, 'message' | 'hint'>): Availability {
  return { available: false, why: message, fix: hint ?? 'run `exp doctor` to see what is missing' }
}
