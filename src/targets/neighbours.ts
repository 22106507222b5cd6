/** Models that another Ollama on this machine holds in memory while we measure beside it. */
import { OllamaClient } from '../ollama/client.ts'
import type { Environment } from './url/headers.ts'
import { isLoopback } from './evidence/local-server-log.ts'

export interface Neighbour {
  /** Of its server. */
  readonly url: string
  readonly model: string
  readonly sizeBytes: number
  /** The command that unloads it; we never do. */
  readonly unload: string
}

const patienceMs = 5_000

/**
 * Asks the server that `ollama` itself would talk to, if it is one of this machine. Where none answers there
 * are no neighbours.
 * @param measured address of a server that is measured itself: it is no neighbour
 */
export async function findNeighbours(
  env: Environment,
  measured: string | undefined,
  signal: AbortSignal,
): Promise<readonly Neighbour[]> {
  const url = localServerUrl(env)
  const { hostname, port } = new URL(url)
  const isMeasured = measured !== undefined && new URL(measured).port === port
  if (isMeasured || !isLoopback(hostname)) return []
  const client = new OllamaClient({ baseUrl: url })
  try {
    const loaded = await client.ps({ signal, timeoutMs: patienceMs }).catch(() => [])
    return loaded.map(({ name, sizeBytes }) => ({
      url,
      model: name,
      sizeBytes,
      unload: `ollama stop ${name}`,
    }))
  } finally {
    await client.close()
  }
}

/** By `OLLAMA_HOST` as Ollama reads it, scheme, port and all optional; an address to bind to is one of this machine. */
export function localServerUrl(env: Environment): string {
  const written = (env['OLLAMA_HOST'] ?? '').trim().replace(/^['"]|['"]$/g, '')
  const [, scheme = 'http', host = '', port = ''] =
    /^(?:(https?):\/\/)?(\[[^\]]*\]|[^:/]*)(?::(\d+))?/.exec(written) ?? []
  const reached = host === '' || host === '0.0.0.0' || host === '[::]' ? '127.0.0.1' : host
  const url = `${scheme}://${reached}:${port === '' ? '11434' : port}`
  return URL.canParse(url) ? url : 'http://127.0.0.1:11434'
}
