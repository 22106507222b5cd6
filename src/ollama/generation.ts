/** The result of one request to generate an answer, or embeddings, with the time of each event. */

export type GenerationFailure =
  | 'cancelled'
  | 'timeout'
  /** The request was never written to a connection. */
  | 'refused'
  /** The connection was lost after the request was written. */
  | 'reset'
  | 'http-error'
  /** The stream has a line with `error`. */
  | 'error-line'
  /** The stream ended without a line with `done: true`. */
  | 'incomplete'
  /** The response is not a stream of Ollama. */
  | 'malformed'
  /** The answer has no output token. */
  | 'empty'

/** Fields that end in `At` are times in milliseconds on the client's clock. Durations are milliseconds, too. */
export interface Generation {
  readonly outcome: 'ok' | GenerationFailure
  readonly error?: string
  readonly httpStatus?: number
  readonly sentAt: number
  readonly firstByteAt?: number
  /** When the first line with non-empty thinking arrived. */
  readonly firstThinkingAt?: number
  /** When the first line with non-empty content arrived. */
  readonly firstContentAt?: number
  /** The longest time between two arrivals of bytes, after the first byte. */
  readonly longestGap?: number
  /** The times between two arrivals that carried tokens. Absent if all tokens arrived at once. */
  readonly tokenGaps?: readonly number[]
  /** When the last byte arrived, or when the request failed. */
  readonly endedAt: number
  /** Estimates of how late the first token and the last byte were read. Absent without a token. */
  readonly readDelays?: { readonly firstToken: number; readonly last: number }
  readonly thinking: string
  readonly content: string
  readonly promptTokens?: number
  readonly cachedTokens?: number
  readonly outputTokens?: number
  readonly totalMs?: number
  readonly loadMs?: number
  readonly promptEvalMs?: number
  readonly evalMs?: number
  readonly doneReason?: string
  readonly remoteHost?: string
}

/** A request whose body is ready to be sent. */
export interface PreparedRequest {
  /** `/api/chat`, `/api/generate` or `/api/embed`. */
  readonly path: string
  readonly body: Uint8Array
  /** How many embeddings the answer must have. Absent for a request to generate text. */
  readonly inputCount?: number
}

/** A prompt with the answer that the model gave to it. */
export interface AnsweredPrompt {
  readonly prompt: string
  readonly images?: readonly string[] | undefined
  /** Without the model's thinking. */
  readonly answer: string
}

export interface GenerationRequest {
  readonly api: 'chat' | 'generate'
  readonly model: string
  readonly system?: string | undefined
  readonly prompt: string
  /** Pictures in base64, which belong to the prompt. */
  readonly images?: readonly string[] | undefined
  /** The turns of the conversation before the prompt. Only for `chat`. */
  readonly earlier?: readonly AnsweredPrompt[] | undefined
  /** Ollama's request options by their own names: `num_ctx`, `temperature`, … */
  readonly options: Readonly<Record<string, unknown>>
  readonly think?: boolean | string | undefined
  /** `json`, or a JSON schema. */
  readonly format?: unknown
  /** A Go duration (`10m`) or seconds; a negative value keeps the model loaded forever. */
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
  images,
  earlier = [],
}: GenerationRequest): readonly { role: string; content: string }[] {
  return [
    ...(system === undefined ? [] : [{ role: 'system', content: system }]),
    ...earlier.flatMap((turn) => [userMessage(turn), { role: 'assistant', content: turn.answer }]),
    userMessage({ prompt, images }),
  ]
}

function userMessage({ prompt, images }: Pick<GenerationRequest, 'prompt' | 'images'>) {
  return { role: 'user', content: prompt, ...(images && { images }) }
}

function promptFields({ system, prompt, images }: GenerationRequest): {
  system?: string
  prompt: string
} {
  return { ...(system !== undefined && { system }), prompt, ...(images && { images }) }
}

export interface EmbeddingRequest extends Pick<
  GenerationRequest,
  'model' | 'options' | 'keepAlive'
> {
  /** At least one. */
  readonly inputs: readonly string[]
}

/** Prepares a request for embeddings. */
export function prepareEmbedding({
  model,
  inputs,
  options,
  keepAlive,
}: EmbeddingRequest): PreparedRequest {
  const body = {
    model,
    input: inputs,
    ...(Object.keys(options).length > 0 && { options }),
    ...(keepAlive !== undefined && { keep_alive: keepAlive }),
  }
  return {
    path: '/api/embed',
    body: Buffer.from(JSON.stringify(body)),
    inputCount: inputs.length,
  }
}
