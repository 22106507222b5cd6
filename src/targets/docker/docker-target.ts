/**
 * Ollama in a container of our own, through the `docker` command line: published on a free port of 127.0.0.1,
 * labelled, with the limits that the config asks for, and removed at the end. Models lie in one named volume
 * that is kept, or in a folder that is mounted.
 */
import { randomBytes } from 'node:crypto'
import { ExpError } from '../../errors/exp-error.ts'
import type { MeasuredConfig } from '../../experiment/experiment.ts'
import { machineId } from '../../host/facts/machine-id.ts'
import type { MachineTools } from '../../host/machine-tools.ts'
import { identifyProcess } from '../../host/processes/process-identity.ts'
import { OllamaClient } from '../../ollama/client.ts'
import { Container } from './container.ts'
import { Docker } from './docker-cli.ts'
import {
  createArguments,
  dockerSettings,
  modelVolume,
  serverPort,
  volumeLabel,
} from './create-arguments.ts'
import type { DockerSettings } from './create-arguments.ts'
import { observeContainer } from './container-evidence.ts'
import { publishedPort } from './inspection.ts'
import { newLogFile } from '../evidence/log-folder.ts'
import { absolute } from '../process/model-store.ts'
import { runAsTarget, isServerError, withLog } from '../owned-server/owned-server.ts'
import type { OwnedServer } from '../owned-server/owned-server.ts'
import { formatOwner } from './owner.ts'
import type { PullProgress } from '../owned-server/pull-model.ts'
import { probeTimeoutMs, waitUntilReady } from '../owned-server/readiness.ts'
import { refuseBadName } from '../owned-server/server-environment.ts'
import type { Availability, RunningTarget, TargetDriver } from '../target.ts'

export interface DockerDependencies {
  readonly tools: MachineTools
  /** Where logs are kept. */
  readonly stateFolder: string
  /** The project's: a folder of models is relative to it. */
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

  /** Brings the container up once as it will be, and removes it: only that shows that it can be had. */
  async check(config: MeasuredConfig, signal: AbortSignal): Promise<Availability> {
    try {
      if (!(await this.#hasImage(config, signal))) return withoutImage(config)
      const leaveNoVolume = await this.#haveVolume(config)
      try {
        return await this.#tryOnce(config, signal)
      } finally {
        await leaveNoVolume()
      }
    } catch (error) {
      if (!isServerError(error)) throw error
      return { available: false, why: error.message, fix: error.hint ?? 'see `exp doctor`' }
    }
  }

  async start(config: MeasuredConfig, signal: AbortSignal): Promise<RunningTarget> {
    if (!(await this.#hasImage(config, signal))) await this.#pullImage(config, signal)
    await this.#haveVolume(config)
    const { server, container } = await this.#launch(config, signal)
    const wish = { config, pull: dockerSettings(config).pull, onPull: this.#deps.onPull }
    return runAsTarget(server, wish, signal, (when, during) =>
      observeContainer(container, when, during, this.#docker, this.#deps.tools),
    )
  }

  async #tryOnce(config: MeasuredConfig, signal: AbortSignal): Promise<Availability> {
    const { server } = await this.#launch(config, signal)
    try {
      await server.client.show(config.model.name, { signal })
      return { available: true, notes: [] }
    } catch (error) {
      if (!isServerError(error)) throw error
      return withoutModel(config)
    } finally {
      await server.takeDown()
    }
  }

  async #hasImage(config: MeasuredConfig, signal: AbortSignal): Promise<boolean> {
    const { image } = dockerSettings(config)
    refuseBadName('the name of an image', image)
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
    if (!pull) throw noImage(config)
    this.#deps.onPull({ model: image, status: 'pulling the image' })
    const option = platform === undefined ? [] : [`--platform=${platform}`]
    await this.#docker.run(['pull', '--quiet', ...option, image], { signal, timeoutMs: 0 })
  }

  /** The volume for models, made where it is missing; returns how to take it away again if it was. */
  async #haveVolume(config: MeasuredConfig): Promise<() => Promise<void>> {
    const leave = () => Promise.resolve()
    if (dockerSettings(config).models !== undefined) return leave
    const list = ['volume', 'ls', '--quiet', `--filter=name=^${modelVolume}$`]
    if ((await this.#docker.run(list)) !== '') return leave
    await this.#docker.run(['volume', 'create', `--label=${volumeLabel}`, modelVolume])
    return async () => {
      // Another `exp` may use it by now.
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
      const server = await answering(container, await newLogFile(this.#deps.stateFolder), signal)
      return { container, server }
    } catch (error) {
      const log = await container.log().catch(() => '')
      await container.remove()
      throw withLog(error, log)
    }
  }

  #settings(config: MeasuredConfig): DockerSettings {
    const settings = dockerSettings(config)
    if (settings.models === undefined) return settings
    return { ...settings, models: absolute(settings.models, this.#deps.folder) }
  }

  async #owner(): Promise<string> {
    const { tools } = this.#deps
    const identity = await identifyProcess(process.pid, tools)
    if (!identity) throw new Error('this process cannot be identified')
    return formatOwner({ ...identity, machine: await machineId(tools) })
  }
}

/** @param logFile where its log is kept when it is removed */
async function answering(
  container: Container,
  logFile: string,
  signal: AbortSignal,
): Promise<OwnedServer> {
  const port = publishedPort(await container.inspect(), serverPort)
  if (port === undefined)
    throw new ExpError('environment', (await container.ended()) ?? 'the container has no port')
  const url = `http://127.0.0.1:${port}`
  const client = new OllamaClient({ baseUrl: url })
  const server: OwnedServer = {
    url,
    client,
    tail: () => container.newLog(),
    log: () => container.log(),
    ended: () => container.ended(),
    takeDown: async () => {
      await client.close()
      await container.keepLog(logFile)
      await container.remove()
    },
  }
  try {
    const probe = () => client.version({ signal, timeoutMs: probeTimeoutMs })
    await waitUntilReady(probe, server.ended, readyWithinMs, signal)
    return server
  } catch (error) {
    await client.close()
    throw error
  }
}

function withoutImage(config: MeasuredConfig): Availability {
  const { image, pull } = dockerSettings(config)
  if (pull) return { available: true, notes: [`the image \`${image}\` will be pulled`] }
  const { message, hint = '' } = noImage(config)
  return { available: false, why: message, fix: hint }
}

function noImage(config: MeasuredConfig): ExpError {
  const { image, platform } = dockerSettings(config)
  const option = platform === undefined ? '' : `--platform ${platform} `
  return new ExpError(
    'environment',
    `the image \`${image}\` is not on this machine`,
    `docker pull ${option}${image}`,
  )
}

function withoutModel(config: MeasuredConfig): Availability {
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
