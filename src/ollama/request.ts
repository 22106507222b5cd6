/** Builds the body of a request to generate an answer, before the request's clock starts. */

/** A request whose body is ready to be sent. */
export interface PreparedRequest {
  /** `/api/chat` or `/api/generate`. */
  readonly path: string
  readonly body: Uint8Array
}

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
  /** A Go duration (`10m`) or seconds; a negative value keeps the model loaded for ever. */
  readonly keepAlive?: string | number | undefined
}

/** Prepares a request for one streamed answer. The server's defaults apply to omitted fields. */
export function prepareRequest(request: GenerationRequest): PreparedRequest {
  const body = {
    model: request.model,
    ...(request.api === 'chat' ? { messages: messages(request) } : promptFields(request)),
    stream: true,
    ...(Object.keys(request.options).length > 0 && { options: request.options }),
    ...(request.think !== undefined && { think: request.think }),
    ...(request.format !== undefined && { format: request.format }),
    ...(request.keepAlive !== undefined && { keep_alive: request.keepAlive }),
  }
  return { path: `/api/${request.api}`, body: Buffer.from(JSON.stringify(body)) }
}

function messages({
  system,
  prompt,
}: GenerationRequest): readonly { role: string; content: string }[] {
  const user = { role: 'user', content: prompt }
  return system === undefined ? [user] : [{ role: 'system', content: system }, user]
}

function promptFields({ system, prompt }: GenerationRequest): { system?: string; prompt: string } {
  return system === undefined ? { prompt } : { system, prompt }
}
