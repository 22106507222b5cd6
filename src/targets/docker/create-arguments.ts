/**
 * The arguments of `docker create` for a config, and the label that says which `exp` process created a container. Pure,
 * so that tests can show that each hostile value stays one argument.
 */
import { z } from 'zod'
import { ExpError } from '../../errors/exp-error.ts'
import type { MeasuredConfig } from '../../experiment/experiment.ts'
import type { Target } from '../../experiment/target-kinds.ts'
import { parseJson } from '../../json/json.ts'
import { assertValidName, assertValidVariables } from '../owned-server/server-environment.ts'

export type DockerSettings = Target<'docker'>

/** The label of every container that exp creates. Its value identifies the `exp` process that created it. */
export const ownerLabel = 'exp-notebook.owner'
/** The label of the volume of models. It names no owner, because the volume is kept after the run. */
export const volumeLabel = 'exp-notebook.models'
export const modelVolume = 'exp-notebook-models'
export const serverPort = '11434'
/** The folder of models in the official image. */
export const modelFolder = '/root/.ollama/models'

export interface ContainerPlan {
  readonly name: string
  /** The value of the owner label. */
  readonly owner: string
  /** A folder of models in the settings must be an absolute path. */
  readonly settings: DockerSettings
  readonly env: Readonly<Record<string, string>>
  /** The address at which the container's port is published. Default: the loopback address. */
  readonly address?: string
}

/** Throws `ExpError` for words that docker would take for options, and for values with line breaks. */
export function createArguments({
  name,
  owner,
  settings,
  env,
  address = '127.0.0.1',
}: ContainerPlan): readonly string[] {
  const { image, cpus, memory, gpus, platform, models } = settings
  assertValidName('the name of an image', image)
  if (memory !== undefined) assertValidName('an amount of memory', memory)
  if (gpus !== undefined) assertValidName('a request for GPUs', gpus)
  if (platform !== undefined) assertValidName('a platform', platform)
  assertValidVariables(env)
  const variables = {
    ...env,
    OLLAMA_HOST: `0.0.0.0:${serverPort}`,
    OLLAMA_MODELS: modelFolder,
    OLLAMA_NOPRUNE: '1',
  }
  return [
    'create',
    `--name=${name}`,
    `--label=${ownerLabel}=${owner}`,
    '--pull=never',
    `--publish=${hostInUrl(address)}::${serverPort}`,
    modelMount(models),
    ...(cpus === undefined ? [] : [`--cpus=${cpus}`]),
    ...(memory === undefined ? [] : [`--memory=${memory}`]),
    ...(gpus === undefined ? [] : [`--gpus=${gpus}`]),
    ...(platform === undefined ? [] : [`--platform=${platform}`]),
    ...Object.entries(variables).map(([variable, value]) => `--env=${variable}=${value}`),
    image,
  ]
}

/** The address as URLs and `docker --publish` contain it. */
export function hostInUrl(address: string): string {
  return address.includes(':') ? `[${address}]` : address
}

function modelMount(folder: string | undefined): string {
  if (folder === undefined) return `--mount=type=volume,source=${modelVolume},target=${modelFolder}`
  // The value is CSV: a comma starts another field, and a quote starts a quoted field.
  if (/[,"\r\n]/.test(folder))
    throw new ExpError(
      'environment',
      'the folder of models cannot be mounted: its path contains a comma, a quote or a line break',
      'move the models to another folder, or name another folder that links to them',
    )
  return `--mount=type=bind,source=${folder},target=${modelFolder}`
}

export function dockerSettings({ target }: MeasuredConfig): DockerSettings {
  if (target.kind !== 'docker') throw new Error(`not a Docker target: ${target.kind}`)
  return target
}

const owner = z.object({ machine: z.string(), pid: z.int().min(1), start: z.string() })
/** The process that created a container, and the id of its machine. */
export type Owner = Readonly<z.infer<typeof owner>>

export function formatOwner({ machine, pid, start }: Owner): string {
  return JSON.stringify({ machine, pid, start })
}

/** `undefined` for text that exp did not write. */
export function parseOwner(text: string): Owner | undefined {
  return owner.safeParse(parseJson(text)).data
}
