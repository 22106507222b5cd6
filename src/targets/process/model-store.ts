/** Finds Ollama's model store on this machine, and the models in it. */
import { access, readdir } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join, resolve, sep } from 'node:path'
import { ExpError } from '../../errors/exp-error.ts'
import { forShell } from '../../errors/quote.ts'
import type { MissingModel } from '../../ollama/api-connection.ts'
import { errorCode } from '../../ollama/exchange.ts'
import type { EnvironmentVariables } from '../owned-server/server-environment.ts'
import { assertValidName } from '../owned-server/server-environment.ts'

/** The default folders of the store: first in the user's home, then those of the Linux service. */
const defaultStores = [
  join(homedir(), '.ollama/models'),
  '/usr/share/ollama/.ollama/models',
  '/var/lib/ollama/models',
]

export interface StoreChoices {
  /** The folders that the target, the config and exp.local.yaml name, most important first. */
  readonly declared: readonly (string | undefined)[]
  /** The project's folder; declared folders are relative to it. */
  readonly folder: string
  /** The user's environment; its `OLLAMA_MODELS` is the setting of the user's own server. */
  readonly env: EnvironmentVariables
  /** The store of the running server, if its log shows it. */
  readonly running: string | undefined
}

/**
 * The folder of the store: the first declared one, else the user's `OLLAMA_MODELS`, else that of the running server,
 * else the first default folder with models, else Ollama's default, which may not exist yet.
 */
export async function findModelStore(
  { declared, folder, env, running }: StoreChoices,
  defaults: readonly string[] = defaultStores,
): Promise<string> {
  const first = declared.find((store) => store !== undefined)
  if (first !== undefined) return absolutePath(first, folder)
  const userSetting = env['OLLAMA_MODELS']
  if (userSetting !== undefined && userSetting !== '') return absolutePath(userSetting, folder)
  if (running !== undefined && (await pathExists(running))) return running
  for (const store of defaults) if (await pathExists(join(store, 'manifests'))) return store
  return defaults[0] ?? join(homedir(), '.ollama/models')
}

/** The message for a model that the store does not have, and the command that pulls it. */
export function missingModel(store: string, model: string): MissingModel {
  return {
    message: `the model store \`${store}\` does not have the model \`${model}\``,
    hint: `set \`pull: true\` in the target, or run \`OLLAMA_MODELS=${forShell(store)} ollama pull ${forShell(model)}\` (the running server pulls it, so that server must use that store)`,
  }
}

/** True if the folder does not exist or is empty. A server that starts on it would create folders in it. */
export async function isEmptyStore(store: string): Promise<boolean> {
  const names = await readdir(store).catch((error: unknown) =>
    errorCode(error) === 'ENOENT' ? [] : undefined,
  )
  return names?.length === 0
}

/** True if the store has the model's manifest, the file that lists its parts. */
export async function storeHasModel(store: string, model: string): Promise<boolean> {
  return pathExists(join(store, 'manifests', ...manifestPath(model)))
}

/** The names of the models in the store, sorted; empty if the store does not exist or cannot be read. */
export async function storedModels(store: string): Promise<readonly string[]> {
  const paths = await readdir(join(store, 'manifests'), { recursive: true }).catch(() => [])
  const manifests = paths.map((path) => path.split(sep)).filter((parts) => parts.length >= 4)
  return manifests
    .map((parts) => {
      const [tag = '', model = ''] = parts.slice(-2).reverse()
      const before = parts
        .slice(0, -2)
        .join('/')
        .replace(/^registry\.ollama\.ai\/(library$)?/, '')
      return `${before === '' ? '' : `${before}/`}${model}:${tag}`
    })
    .sort()
}

/**
 * The parts of a manifest's path: `qwen3:0.6b` becomes `registry.ollama.ai/library/qwen3/0.6b`. A name may
 * also contain a namespace, or a host and a namespace. Throws `ExpError` for a name that would lead out of
 * the store.
 */
export function manifestPath(model: string): readonly string[] {
  assertValidName('the name of a model', model)
  const slash = model.lastIndexOf('/')
  const [last = '', tag = 'latest'] = model.slice(slash + 1).split(':')
  const before = slash === -1 ? [] : model.slice(0, slash).split('/')
  const [host, namespace] =
    before.length >= 2
      ? [before[0] ?? '', before.slice(1).join('/')]
      : ['registry.ollama.ai', before[0] ?? 'library']
  const parts = [host, namespace, last, tag]
  if (parts.some((part) => !/^[\p{L}\p{N}_][\p{L}\p{N}._:-]*$/u.test(part)))
    throw new ExpError(
      'environment',
      `\`${model}\` cannot be the name of a model`,
      'write a name such as `qwen3:0.6b`, `library/qwen3:0.6b` or `hf.co/user/model:Q4_K_M`',
    )
  return parts
}

/** @param folder the folder that a relative path starts from; `~/` is the user's home */
export function absolutePath(path: string, folder: string): string {
  return path.startsWith('~/') ? join(homedir(), path.slice(2)) : resolve(folder, path)
}

export function pathExists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  )
}
