/**
 * Ollama in a container that exp creates with the `docker` command and removes at the end. The container has a free
 * port of 127.0.0.1, an owner label and the config's limits. The models are in a named volume that is kept, or in a
 * folder that is mounted.
 */
import { randomBytes } from 'node:crypto'
import { ExpError } from '../../errors/exp-error.ts'
import type { MeasuredConfig } from '../../experiment/experiment.ts'
import { machineId } from '../../host/facts/machine.ts'
import type { MachineTools } from '../../host/machine-tools.ts'
import { identifyProcess } from '../../host/processes/process-group.ts'
import { OllamaClient } from '../../ollama/client.ts'
import { newLogFile } from '../evidence/log-file.ts'
import {
  isServerError,
  runAsTarget,
  withLog,
  type OwnedServer,
  probeTimeoutMs,
  waitUntilReady,
} from '../owned-server/owned-server.ts'
import type { PullProgress } from '../owned-server/pull-model.ts'
import { assertValidName } from '../owned-server/server-environment.ts'
import { absolutePath } from '../process/model-store.ts'
import type { Availability, RunningTarget, TargetDriver } from '../target.ts'
import { observeContainer } from './container-evidence.ts'
import { Container } from './container.ts'
import {
  createArguments,
  dockerSettings,
  formatOwner,
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
      return {
        available: false,
        why: error.message,
        fix: error.hint ?? 'run `exp doctor` to see what is missing',
      }
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
    const { server } = await this.#launch(config, signal)
    try {
      await server.client.show(config.model.name, { signal })
      return { available: true, notes: [] }
    } catch (error) {
      if (!isServerError(error)) throw error
      return availabilityWithoutModel(config)
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
    const create = createArguments({
      name,
      owner: await this.#owner(),
      settings: this.#settings(config),
      env: config.env,
    })
    try {
      await container.start(create, signal)
      const logFile = await newLogFile(this.#deps.stateFolder)
      return { container, server: await readyServer(container, logFile, signal) }
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
  logFile: string,
  signal: AbortSignal,
): Promise<OwnedServer> {
  const port = publishedPort(await container.inspect(), serverPort)
  if (port === undefined)
    throw new ExpError('environment', (await container.exitReason()) ?? 'the container has no port')
  const url = `http://127.0.0.1:${port}`
  const client = new OllamaClient({ baseUrl: url })
  const server: OwnedServer = {
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

function availabilityWithoutImage(config: MeasuredConfig): Availability {
  const { image, pull } = dockerSettings(config)
  if (pull) return { available: true, notes: [`the image \`${image}\` will be pulled`] }
  const { message, hint = '' } = missingImage(config)
  return { available: false, why: message, fix: hint }
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

function availabilityWithoutModel(config: MeasuredConfig): Availability {
  const { pull, models } = dockerSettings(config)
  const model = config.model.name
  const where =
    models === undefined ? `the volume \`${modelVolume}\`` : 'the mounted folder of models'
  if (pull) return { available: true, notes: [`\`${model}\` will be pulled into ${where}`] }
  return {
    available: false,
    why: `the model \`${model}\` is not in ${where}`,
    fix: `set \`pull: true\` in the target, or \`models: FOLDER\` to a store that has it (\`ollama pull ${model}\`)`,
  }
}
