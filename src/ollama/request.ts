/** What is asked of a server, as bytes that are ready before the clock starts. */
import type { PreparedRequest } from './generation.ts'

export interface GenerationRequest {
  readonly api: 'chat' | 'generate'
  readonly model: string
  readonly system?: string | undefined
  readonly prompt: string
  /** Ollama's request options by their own names: `num_ctx`, `temperature`, … */
  readonly options: Readonly<Record<string, unknown>>
  readonly think?: boolean | string | undefined
  /** `json`, or a JSON schema. */
  readonly format?: unknown
  /** Go duration (`10m`), or seconds; negative keeps the model loaded for good. */
  readonly keepAlive?: string | number | undefined
}

/** The streaming request for one answer. What is not given is left to the server's own default. */
export function prepareRequest(asked: GenerationRequest): PreparedRequest {
  const body = {
    model: asked.model,
    ...(asked.api === 'chat' ? { messages: messages(asked) } : promptFields(asked)),
    stream: true,
    ...(Object.keys(asked.options).length > 0 && { options: asked.options }),
    ...(asked.think !== undefined && { think: asked.think }),
    ...(asked.format !== undefined && { format: asked.format }),
    ...(asked.keepAlive !== undefined && { keep_alive: asked.keepAlive }),
  }
  return { path: `/api/${asked.api}`, body: Buffer.from(JSON.stringify(body)) }
}

function messages(asked: GenerationRequest): readonly { role: string; content: string }[] {
  const user = { role: 'user', content: asked.prompt }
  return asked.system === undefined ? [user] : [{ role: 'system', content: asked.system }, user]
}

function promptFields(asked: GenerationRequest): { system?: string; prompt: string } {
  return asked.system === undefined
    ? { prompt: asked.prompt }
    : { system: asked.system, prompt: asked.prompt }
}
