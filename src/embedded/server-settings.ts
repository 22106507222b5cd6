/**
 * Reads the server's settings from the environment, by Ollama's rules: spaces and quotes around a value are removed. A
 * text that is not a boolean counts as true. An invalid number gives the default and a warning. Unknown names are
 * ignored.
 */
import { forever, formatGoDuration, parseKeepAlive } from './go-duration.ts'

export interface ServerSettings {
  readonly host: string
  /** 0 means any free port. */
  readonly port: number
  /** Number of sequences generated in parallel. */
  readonly parallel: number
  /** Maximum number of requests that wait for a load. */
  readonly maxQueue: number
  readonly maxLoadedModels: number
  /** Default context of one slot, in tokens. */
  readonly contextLength: number
  readonly keepAlive: bigint
  readonly flashAttention: boolean | 'auto'
  /** `f16`, `q8_0` or `q4_0`. */
  readonly kvCacheType: string
  readonly debug: boolean
  /** Default number of inference threads; if undefined, the engine chooses. */
  readonly threads: number | undefined
  /** Patterns of the web origins that may send requests, in addition to local ones. */
  readonly origins: readonly string[]
  /** Names under which the model is served. */
  readonly models: readonly string[]
  /** The effective value of every recognised variable, as the `server config` line prints it. */
  readonly effective: ReadonlyMap<string, string>
  readonly warnings: readonly SettingWarning[]
}

export interface SettingWarning {
  readonly name: string
  /** The invalid value. */
  readonly value: string
  /** The default that is used instead. */
  readonly used: string
}

export type EnvironmentVariables = Readonly<Record<string, string | undefined>>

export const defaultModel = 'exp-embedded:latest'
const defaultKeepAlive = 300_000_000_000n
const defaultContextLength = 4096

/** Variables that Ollama recognises but that have no effect with one model on a CPU. */
const withoutEffectHere: Readonly<Record<string, string>> = {
  CUDA_VISIBLE_DEVICES: '',
  GGML_VK_VISIBLE_DEVICES: '',
  GPU_DEVICE_ORDINAL: '',
  HIP_VISIBLE_DEVICES: '',
  HSA_OVERRIDE_GFX_VERSION: '',
  OLLAMA_GPU_OVERHEAD: '0',
  OLLAMA_LLM_LIBRARY: '',
  OLLAMA_MODELS: '',
  OLLAMA_NOHISTORY: 'false',
  OLLAMA_NOPRUNE: 'false',
  OLLAMA_NO_CLOUD: 'false',
  OLLAMA_REMOTES: '[ollama.com]',
  OLLAMA_SCHED_SPREAD: 'false',
  OLLAMA_VULKAN: 'true',
  ROCR_VISIBLE_DEVICES: '',
}

export function readServerSettings(env: EnvironmentVariables): ServerSettings {
  const warnings: SettingWarning[] = []
  const text = (name: string): string => trimmed(env[name] ?? '')
  const list = (name: string): readonly string[] =>
    text(name)
      .split(',')
      .map((item) => item.trim())
      .filter((item) => item !== '')
  const wholeNumber = (name: string, fallback: number): number => {
    const value = text(name)
    if (/^\d+$/.test(value)) return Number(value)
    if (value !== '') warnings.push({ name, value, used: String(fallback) })
    return fallback
  }
  const address = parseHost(text('OLLAMA_HOST'), (value, used) =>
    warnings.push({ name: 'OLLAMA_HOST', value, used }),
  )
  const contextLength = wholeNumber('OLLAMA_CONTEXT_LENGTH', 0)
  const flash = text('OLLAMA_FLASH_ATTENTION')
  const keepAlive = parseKeepAlive(text('OLLAMA_KEEP_ALIVE')) ?? defaultKeepAlive
  const loadTimeout = parseKeepAlive(text('OLLAMA_LOAD_TIMEOUT')) ?? defaultKeepAlive
  const models = list('EXP_EMBEDDED_MODELS')
  const settings = {
    ...address,
    parallel: Math.max(1, wholeNumber('OLLAMA_NUM_PARALLEL', 1)),
    maxQueue: wholeNumber('OLLAMA_MAX_QUEUE', 512),
    maxLoadedModels: wholeNumber('OLLAMA_MAX_LOADED_MODELS', 0),
    contextLength: contextLength === 0 ? defaultContextLength : contextLength,
    keepAlive,
    flashAttention: flash === '' ? ('auto' as const) : isTrue(flash),
    kvCacheType: text('OLLAMA_KV_CACHE_TYPE'),
    debug: isTrue(text('OLLAMA_DEBUG')),
    threads: wholeNumber('LLAMA_ARG_THREADS', 0) || undefined,
    origins: list('OLLAMA_ORIGINS'),
    models: models.length === 0 ? [defaultModel] : models,
  }
  const effective = new Map(
    Object.entries({
      ...Object.fromEntries(
        Object.entries(withoutEffectHere).map(([name, fallback]) => [name, text(name) || fallback]),
      ),
      LLAMA_ARG_FIT: text('LLAMA_ARG_FIT'),
      OLLAMA_CONTEXT_LENGTH: String(contextLength),
      OLLAMA_DEBUG: settings.debug ? 'DEBUG' : 'INFO',
      OLLAMA_FLASH_ATTENTION: String(settings.flashAttention === true),
      OLLAMA_HOST: `http://${hostAndPort(settings.host, settings.port)}`,
      OLLAMA_KEEP_ALIVE: formatGoDuration(keepAlive),
      OLLAMA_KV_CACHE_TYPE: settings.kvCacheType,
      OLLAMA_LOAD_TIMEOUT: formatGoDuration(loadTimeout === 0n ? forever : loadTimeout),
      OLLAMA_MAX_LOADED_MODELS: String(settings.maxLoadedModels),
      OLLAMA_MAX_QUEUE: String(settings.maxQueue),
      OLLAMA_NUM_PARALLEL: String(settings.parallel),
      OLLAMA_ORIGINS: `[${settings.origins.join(' ')}]`,
    }),
  )
  return { ...settings, effective, warnings }
}

/** The `env` field of the `server config` line: `map[A:1 B:2]`, sorted by name. */
export function formatServerConfig(effective: ServerSettings['effective']): string {
  const names = [...effective.keys()].sort()
  return `map[${names.map((name) => `${name}:${effective.get(name) ?? ''}`).join(' ')}]`
}

export const hostAndPort = (host: string, port: number): string =>
  host.includes(':') ? `[${host}]:${String(port)}` : `${host}:${String(port)}`

const trimmed = (value: string): string => value.trim().replace(/^["']+|["']+$/g, '')

/** Like Go's `ParseBool`, but any other non-empty text is true. */
const isTrue = (value: string): boolean =>
  !['', '0', 'f', 'F', 'FALSE', 'false', 'False'].includes(value)

/** Parses `OLLAMA_HOST`, which may have a scheme and a path, into host and port. */
function parseHost(
  written: string,
  warn: (value: string, used: string) => void,
): { readonly host: string; readonly port: number } {
  const match = /^(?:(?<scheme>https?):\/\/)?(?<authority>[^/]*)/.exec(written)
  const scheme = match?.groups?.['scheme']
  const authority = match?.groups?.['authority'] ?? ''
  const standardPort = scheme === 'http' ? 80 : scheme === 'https' ? 443 : 11434
  const split = /^(?<host>\[[^\]]*\]|[^:]*)(?::(?<port>[^:]*))?$/.exec(authority)
  const host = (split === null ? authority : (split.groups?.['host'] ?? '')).replace(/^\[|\]$/g, '')
  const portText = split?.groups?.['port']
  const port = portText === undefined ? standardPort : Number(portText || Number.NaN)
  const isPort = Number.isInteger(port) && port >= 0 && port <= 65535
  if (!isPort) warn(portText ?? '', String(standardPort))
  const defaultHost = authority.startsWith(':') ? '0.0.0.0' : '127.0.0.1'
  return { host: host === '' ? defaultHost : host, port: isPort ? port : standardPort }
}

/**
 * The names under which the one model is served. As in Ollama, a name without a tag gets `:latest`, and case is
 * ignored.
 */
export class ModelNames {
  readonly all: readonly string[]

  constructor(names: readonly string[]) {
    this.all = [...new Set(names.map(withTag))]
  }

  /** Finds the served name that matches; undefined if none does. */
  find(written: string): string | undefined {
    const requested = withTag(written).toLowerCase()
    return this.all.find((name) => name.toLowerCase() === requested)
  }
}

/** Looks for a tag after the last slash only, because a colon before it separates the registry's port. */
const withTag = (name: string): string =>
  name.slice(name.lastIndexOf('/') + 1).includes(':') ? name : `${name}:latest`
