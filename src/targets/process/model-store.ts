/** Where Ollama keeps its models on this machine, and which it has. */
import { access, readdir } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join, resolve, sep } from 'node:path'
import { ExpError } from '../../errors/exp-error.ts'
import type { Environment } from '../url/headers.ts'
import { refuseBadName } from '../owned-server/server-environment.ts'

/** Where packages put the store: the user's own, then that of the service on Linux. */
const usual = [
  join(homedir(), '.ollama/models'),
  '/usr/share/ollama/.ollama/models',
  '/var/lib/ollama/models',
]

export interface StoreChoices {
  /** What the target says, and what exp.local.yaml says. */
  readonly declared: readonly (string | undefined)[]
  /** The project's folder: what is declared is relative to it. */
  readonly folder: string
  /** The user's environment; `OLLAMA_MODELS` is the setting of their own server. */
  readonly env: Environment
  /** The store of the server that runs now, where its log tells. */
  readonly running: string | undefined
}

/**
 * The store's folder: as declared, else the user's own setting, else the running server's, else the first
 * of the usual places that holds models, else Ollama's default, which may not exist yet.
 */
export async function findModelStore(
  { declared, folder, env, running }: StoreChoices,
  places: readonly string[] = usual,
): Promise<string> {
  const wish = declared.find((store) => store !== undefined)
  if (wish !== undefined) return absolute(wish, folder)
  const own = env['OLLAMA_MODELS']
  if (own !== undefined && own !== '') return absolute(own, folder)
  if (running !== undefined && (await exists(running))) return running
  for (const place of places) if (await exists(join(place, 'manifests'))) return place
  return places[0] ?? join(homedir(), '.ollama/models')
}

/** Whether the store holds the model, by the file that lists its parts. */
export async function storeHolds(store: string, model: string): Promise<boolean> {
  return exists(join(store, 'manifests', ...manifestPath(model)))
}

/** Names of the models in the store, sorted; none where there is no store, or it may not be read. */
export async function storedModels(store: string): Promise<readonly string[]> {
  const found = await readdir(join(store, 'manifests'), { recursive: true }).catch(() => [])
  const manifests = found.map((path) => path.split(sep)).filter((parts) => parts.length >= 4)
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
 * `qwen3:0.6b` is `registry.ollama.ai/library/qwen3/0.6b`; a name may also give a namespace, or a host and
 * a namespace. Throws `ExpError` for a name that would lead out of the store.
 */
export function manifestPath(model: string): readonly string[] {
  refuseBadName('the name of a model', model)
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
      'names are like `qwen3:0.6b`, `library/qwen3:0.6b` or `hf.co/user/model:Q4_K_M`',
    )
  return parts
}

/** @param folder what a relative path is relative to; `~/` is the user's home */
export function absolute(path: string, folder: string): string {
  return path.startsWith('~/') ? join(homedir(), path.slice(2)) : resolve(folder, path)
}

function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  )
}
