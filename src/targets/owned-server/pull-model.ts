/** Has a server of ours fetch a model, and tells how far it is. */
import { Client } from 'undici'
import { z } from 'zod'
import { ExpError } from '../../errors/exp-error.ts'
import { LineDecoder } from '../../ollama/decoder.ts'
import { parseJson } from '../../json/parse-json.ts'

const progressLine = z.union([
  z.object({ error: z.string() }),
  z.object({
    status: z.string(),
    total: z.number().optional(),
    completed: z.number().optional(),
  }),
])

export interface PullProgress {
  readonly model: string
  /** `pulling manifest`, `pulling 7f4030143c1c`, `verifying sha256 digest`, … */
  readonly status: string
  readonly totalBytes?: number
  readonly completedBytes?: number
}

const longestLine = 1024 * 1024

/** Returns when the server has the model. Throws `ExpError` with what the server says when it cannot get it. */
export async function pullModel(
  url: string,
  model: string,
  onProgress: (progress: PullProgress) => void,
  signal: AbortSignal,
): Promise<void> {
  const client = new Client(url, { headersTimeout: 0, bodyTimeout: 0 })
  let last = ''
  const lines = new LineDecoder((line) => {
    const parsed = progressLine.safeParse(parseJson(line))
    if (!parsed.success) return
    if ('error' in parsed.data) throw cannotPull(model, parsed.data.error)
    const { status, total, completed } = parsed.data
    last = status
    onProgress({
      model,
      status,
      ...(total !== undefined && { totalBytes: total }),
      ...(completed !== undefined && { completedBytes: completed }),
    })
  }, longestLine)
  try {
    const { statusCode, body } = await client.request({
      method: 'POST',
      path: '/api/pull',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ model }),
      signal,
    })
    if (statusCode !== 200) throw cannotPull(model, await body.text())
    for await (const chunk of body) lines.push(z.instanceof(Buffer).parse(chunk))
    lines.end()
    if (last !== 'success') throw cannotPull(model, `it stopped at \`${last}\``)
  } finally {
    await client.destroy()
  }
}

function cannotPull(model: string, why: string): ExpError {
  return new ExpError(
    'environment',
    `the model \`${model}\` could not be pulled: ${why.slice(0, 300)}`,
    'see whether the name is right and the registry can be reached',
  )
}
