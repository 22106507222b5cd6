/** The image of a container, and the volume of its models: whether the engine has them, and what to do if not. */
import { ExpError } from '../../errors/exp-error.ts'
import { forShell } from '../../errors/quote.ts'
import type { MeasuredConfig } from '../../experiment/experiment.ts'
import type { MissingModel } from '../../ollama/api-connection.ts'
import type { PullProgress } from '../owned-server/pull-model.ts'
import { assertValidName } from '../owned-server/server-environment.ts'
import { missingModel } from '../process/model-store.ts'
import {
  dockerSettings,
  modelFolder,
  modelVolume,
  volumeLabel,
  type DockerSettings,
} from './create-arguments.ts'
import type { Docker } from './docker-cli.ts'

export async function hasImage(
  docker: Docker,
  config: MeasuredConfig,
  signal: AbortSignal,
): Promise<boolean> {
  const { image } = dockerSettings(config)
  assertValidName('the name of an image', image)
  try {
    await docker.run(['image', 'inspect', '--format={{.Id}}', image], { signal })
    return true
  } catch (error) {
    if (error instanceof ExpError && /no such image/i.test(error.message)) return false
    throw error
  }
}

/** Pulls the image. Throws `ExpError` if the config does not allow it. */
export async function pullImage(
  docker: Docker,
  config: MeasuredConfig,
  onPull: (progress: PullProgress) => void,
  signal: AbortSignal,
): Promise<void> {
  const { image, platform, pull } = dockerSettings(config)
  if (!pull) throw missingImage(docker, config)
  onPull({ model: image, status: 'pulling the image' })
  const option = platform === undefined ? [] : [`--platform=${platform}`]
  await docker.run(['pull', '--quiet', ...option, image], { signal, timeoutMs: 0 })
}

export function missingImage(docker: Docker, config: MeasuredConfig): ExpError {
  const { image, platform, context } = dockerSettings(config)
  const option = platform === undefined ? '' : `--platform ${platform} `
  const place = context === undefined ? 'on this machine' : `in the Docker context \`${context}\``
  return new ExpError(
    'environment',
    `the image \`${image}\` is not ${place}`,
    `${docker.command} pull ${option}${image}`,
  )
}

/** Creates the volume of models if it is missing. Returns a function that removes a volume created here. */
export async function ensureVolume(
  docker: Docker,
  config: MeasuredConfig,
): Promise<() => Promise<void>> {
  const removeNothing = () => Promise.resolve()
  if (dockerSettings(config).models !== undefined) return removeNothing
  const list = ['volume', 'ls', '--quiet', `--filter=name=^${modelVolume}$`]
  if ((await docker.run(list)) !== '') return removeNothing
  await docker.run(['volume', 'create', `--label=${volumeLabel}`, modelVolume])
  return async () => {
    // This fails if another `exp` uses the volume in the meantime, and then the volume stays.
    await docker.run(['volume', 'rm', modelVolume]).catch(() => undefined)
  }
}

/** How messages name the volume or the folder that holds the models. */
export function placeOfModels({ models }: DockerSettings): string {
  return models === undefined
    ? `the volume \`${modelVolume}\``
    : `the folder of models \`${models}\``
}

/** The message for a model that the container does not have: where the models are, and the command that pulls it. */
export function missingInContainer(
  docker: Docker,
  settings: DockerSettings,
  model: string,
): MissingModel {
  const { image, models, context } = settings
  if (models !== undefined && context === undefined) return missingModel(models, model)
  const message = `the model \`${model}\` is not in ${placeOfModels(settings)}`
  if (models !== undefined)
    return { message, hint: 'set `pull: true` in the target, or pull it on that machine' }
  const { command } = docker
  const run = `${command} run --detach --name exp-pull --volume ${modelVolume}:${modelFolder} ${forShell(image)}`
  return {
    message,
    hint: `set \`pull: true\` in the target, or pull it into the volume: \`${run} && ${command} exec exp-pull ollama pull ${forShell(model)}; ${command} rm --force exp-pull\``,
  }
}
