/** The arguments of `docker create` for a config; pure, so that hostile words can be seen to stay one argument. */
import { ExpError } from '../../errors/exp-error.ts'
import type { MeasuredConfig } from '../../experiment/experiment.ts'
import type { Target } from '../../experiment/target-kinds.ts'
import { refuseBadName, refuseBadVariables } from '../owned-server/server-environment.ts'

export type DockerSettings = Target<'docker'>

/** On everything that we create; its value names who did. */
export const ownerLabel = 'exp-notebook.owner'
/** On the volume that is kept: no owner, so nobody takes it for a rest. */
export const volumeLabel = 'exp-notebook.models'
export const modelVolume = 'exp-notebook-models'
export const serverPort = '11434'
/** The user's folder of the official image. */
const ollamaFolder = '/root/.ollama'

export interface ContainerPlan {
  readonly name: string
  /** Value of our label. */
  readonly owner: string
  /** A folder of models is absolute. */
  readonly settings: DockerSettings
  readonly env: Readonly<Record<string, string>>
}

/** Throws `ExpError` for words that docker would take for options, and for values that would not stay one line. */
export function createArguments({ name, owner, settings, env }: ContainerPlan): readonly string[] {
  const { image, cpus, memory, gpus, platform, models } = settings
  refuseBadName('the name of an image', image)
  if (memory !== undefined) refuseBadName('an amount of memory', memory)
  if (gpus !== undefined) refuseBadName('a request for GPUs', gpus)
  if (platform !== undefined) refuseBadName('a platform', platform)
  refuseBadVariables(env)
  const variables = {
    ...env,
    OLLAMA_HOST: `0.0.0.0:${serverPort}`,
    OLLAMA_MODELS: `${ollamaFolder}/models`,
    OLLAMA_NOPRUNE: '1',
  }
  return [
    'create',
    `--name=${name}`,
    `--label=${ownerLabel}=${owner}`,
    '--pull=never',
    `--publish=127.0.0.1::${serverPort}`,
    modelMount(models),
    ...(cpus === undefined ? [] : [`--cpus=${cpus}`]),
    ...(memory === undefined ? [] : [`--memory=${memory}`]),
    ...(gpus === undefined ? [] : [`--gpus=${gpus}`]),
    ...(platform === undefined ? [] : [`--platform=${platform}`]),
    ...Object.entries(variables).map(([variable, value]) => `--env=${variable}=${value}`),
    image,
  ]
}

function modelMount(source: string | undefined): string {
  if (source === undefined)
    return `--mount=type=volume,source=${modelVolume},target=${ollamaFolder}/models`
  // The value is CSV: a comma would begin another field, a quote a quoted one.
  if (/[,"\r\n]/.test(source))
    throw new ExpError(
      'environment',
      'the folder of models cannot be mounted: its path holds a comma, a quote or a line break',
    )
  return `--mount=type=bind,source=${source},target=${ollamaFolder}/models`
}

export function dockerSettings(config: MeasuredConfig): DockerSettings {
  if (config.target.kind !== 'docker') throw new Error(`not a Docker target: ${config.target.kind}`)
  return config.target
}
