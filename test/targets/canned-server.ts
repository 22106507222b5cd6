/** A server on loopback with a fixed answer for each path. It keeps the requests that it received. */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface CannedAnswer {
  readonly status?: number
  readonly type?: string
  readonly body: unknown
}

export interface CannedServer {
  readonly url: string
  readonly requests: readonly {
    readonly line: string
    readonly authorization?: string | undefined
  }[]
  close(): Promise<void>
}

export async function cannedServer(
  answers: Readonly<Record<string, CannedAnswer>>,
): Promise<CannedServer> {
  const requests: { line: string; authorization?: string | undefined }[] = []
  const server = createServer((request, response) => {
    const line = `${request.method ?? ''} ${request.url ?? ''}`
    requests.push({ line, authorization: request.headers.authorization })
    const answer = answers[line] ?? { status: 404, body: { error: 'no such path' } }
    const isText = typeof answer.body === 'string'
    response.writeHead(answer.status ?? 200, { 'content-type': answer.type ?? 'application/json' })
    response.end(isText ? answer.body : JSON.stringify(answer.body))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    requests,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections()
        server.close(() => resolve())
      }),
  }
}

const details = {
  parent_model: '',
  format: 'gguf',
  family: 'qwen3',
  families: ['qwen3'],
  parameter_size: '751.63M',
  quantization_level: 'Q4_K_M',
}

/** The answers of a server that has `qwen3:0.6b`, with it and another model loaded. */
export const healthy: Readonly<Record<string, CannedAnswer>> = {
  'GET /api/version': { body: { version: '0.11.3' } },
  'GET /api/tags': {
    body: { models: [{ name: 'qwen3:0.6b', digest: '7df6b6e09427', size: 522653767, details }] },
  },
  'GET /api/ps': {
    body: {
      models: [
        {
          name: 'qwen3:0.6b',
          digest: '7df6b6e09427',
          size: 1147480064,
          size_vram: 0,
          context_length: 4096,
          expires_at: '2025-08-06T10:05:00Z',
          details,
        },
        { name: 'llama3:8b', digest: 'abc', size: 1, size_vram: 1, details },
      ],
    },
  },
  'POST /api/show': {
    body: { details, capabilities: ['completion', 'thinking'], model_info: {} },
  },
  'POST /api/generate': {
    body: { model: 'qwen3:0.6b', response: '', done: true, done_reason: 'load' },
  },
}
