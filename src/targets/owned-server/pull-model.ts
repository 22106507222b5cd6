/** Makes a server that exp started download a model, and reports the progress. */
import { Client } from 'undici'
import { z } from 'zod'
import { ExpError } from '../../errors/exp-error.ts'
import { parseJson } from '../../json/json.ts'
import { LineDecoder } from '../../ollama/decoder.ts'

const progressLine = z.union([
  z.object({ error: z.string() }),
  z.object({
    status: z.string(),
    total: z.number().optional(),
    completed: z.number().optional(),
  }),
])

export interface PullProgress {
  /** The name of the model or the image. */
  readonly model: string
  /** `pulling manifest`, `pulling 7f4030143c1c`, `verifying sha256 digest`, … */
  readonly status: string
  readonly totalBytes?: number
  readonly completedBytes?: number
}

const maxLineBytes = 1024 * 1024

/** Returns when the server has the model. Throws `ExpError` with the server's reason if it cannot get it. */
export async function pullModel(
  url: string,
  model: string,
  onProgress: (progress: PullProgress) => void,
  signal: AbortSignal,
): Promise<void> {
  const client = new Client(url, { headersTimeout: 0, bodyTimeout: 0 })
  let lastStatus = ''
  const lines = new LineDecoder((line) => {
    const parsed = progressLine.safeParse(parseJson(line))
    if (!parsed.success) return
    if ('error' in parsed.data) throw pullError(model, parsed.data.error)
    const { status, total, completed } = parsed.data
    lastStatus = status
    onProgress({
      model,
      status,
      ...(total !== undefined && { totalBytes: total }),
      ...(completed !== undefined && { completedBytes: completed }),
    })
  }, maxLineBytes)
  try {
    const { statusCode, body } = await client.request({
      method: 'POST',
      path: '/api/pull',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ model }),
      signal,
    })
    if (statusCode !== 200) throw pullError(model, await body.text())
    for await (const chunk of body) lines.push(z.instanceof(Buffer).parse(chunk))
    lines.end()
    if (lastStatus !== 'success') throw pullError(model, `it stopped at \`${lastStatus}\``)
  } finally {
    await client.destroy()
  }
}

function pullError(model: string, reason: string): ExpError {
  return new ExpError(
    'environment',
    `the model \`${model}\` could not be pulled: ${reason.slice(0, 300)}`,
    'check that the name is right and that the registry can be reached',
  )
}
