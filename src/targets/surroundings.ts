/** Finds what else on this machine would disturb a measurement. Reports it, and changes nothing. */
import { statfs } from 'node:fs/promises'
import { entriesToList, forShell, quoted } from '../errors/quote.ts'
import { machineWarnings } from '../host/facts/machine-warnings.ts'
import { readMachine } from '../host/facts/machine.ts'
import type { MachineTools } from '../host/machine-tools.ts'
import { OllamaClient } from '../ollama/client.ts'
import { isLoopback } from './evidence/local-server-log.ts'
import type { EnvironmentVariables } from './owned-server/server-environment.ts'

export interface SurroundingsDependencies {
  readonly tools: MachineTools
  readonly env: EnvironmentVariables
  /** The folder that results are written to. */
  readonly folder: string
}

const timeoutMs = 5_000

/**
 * A sentence for each thing that would disturb a measurement: what it is, and what to do. Ignores facts that it cannot
 * read.
 * @param measuredUrl the address of the measured server, if it is already running
 */
export async function surroundings(
  { tools, env, folder }: SurroundingsDependencies,
  measuredUrl: string | undefined,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const [readings, loadedModels, free] = await Promise.all([
    readMachine(tools),
    modelsOfOtherServer(env, measuredUrl, signal),
    freeBytes(folder),
  ])
  return [
    ...loadedModels,
    ...machineWarnings(readings, free).map(({ message, fix }) => `${message}; ${fix}`),
  ]
}

/**
 * One sentence for each model that another Ollama on this machine has in memory. Looks at the server that the
 * command `ollama` would talk to, unless that is the measured one or on another machine.
 */
async function modelsOfOtherServer(
  env: EnvironmentVariables,
  measuredUrl: string | undefined,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const url = localServerUrl(env)
  const { hostname, port } = new URL(url)
  const isMeasured = measuredUrl !== undefined && new URL(measuredUrl).port === port
  if (isMeasured || !isLoopback(hostname)) return []
  const client = new OllamaClient({ baseUrl: url })
  try {
    const loaded = await client.ps({ signal, timeoutMs }).catch(() => [])
    return entriesToList(loaded).map(
      ({ name, sizeBytes }) =>
        `${quoted(name)} (${(sizeBytes / 1e9).toFixed(1)} GB) is loaded in the Ollama at ${url}; to unload: \`ollama stop ${forShell(name)}\``,
    )
  } finally {
    await client.close()
  }
}

/**
 * The URL that `OLLAMA_HOST` names, as Ollama reads it: scheme, host and port are optional, a scheme without a port
 * means the port of the scheme, and an address to bind to, such as `0.0.0.0`, means this machine.
 */
export function localServerUrl(env: EnvironmentVariables): string {
  const value = (env['OLLAMA_HOST'] ?? '').trim().replace(/^['"]|['"]$/g, '')
  const [, scheme, authority = ''] = /^(?:(https?):\/\/)?([^/]*)/.exec(value) ?? []
  const [, host = '', port] = /^(\[[^\]]*\]|[^:]*)(?::(\d+))?$/.exec(authority) ?? ['', authority]
  const bare = host.replace(/^\[|\]$/g, '')
  const hostname = ['', '0.0.0.0', '::'].includes(bare) ? '127.0.0.1' : bare
  const standardPort = scheme === undefined ? '11434' : scheme === 'https' ? '443' : '80'
  const address = hostname.includes(':') ? `[${hostname}]` : hostname
  const url = `${scheme ?? 'http'}://${address}:${port ?? standardPort}`
  return URL.canParse(url) ? url : 'http://127.0.0.1:11434'
}

function freeBytes(folder: string): Promise<number | undefined> {
  return statfs(folder).then(
    ({ bavail, bsize }) => bavail * bsize,
    () => undefined,
  )
}
