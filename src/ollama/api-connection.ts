/**
 * Calls Ollama's API outside of the measured load, on a separate connection. Input: a path and a schema. Output:
 * the parsed answer. Every failure is an `ExpError` with a hint, including an answer from a server that is not
 * Ollama.
 */
import { Client } from 'undici'
import type { z } from 'zod'
import { ExpError } from '../errors/exp-error.ts'
import { beyond, limits, minChunkBytes } from '../errors/limits.ts'
import { forShell, quoted } from '../errors/quote.ts'
import type { BaseUrl } from './base-url.ts'
import { connectionProblem } from './connection-problem.ts'
import { cleanText, errorOfBody, isWebPage } from './error-text.ts'
import { parseJson } from '../json/json.ts'
import { errorCode } from './exchange.ts'

export interface CallOptions {
  readonly signal?: AbortSignal | undefined
  /** Ten seconds by default. */
  readonly timeoutMs?: number
}

interface ModelCallOptions extends CallOptions {
  /** The model that the call is about, for error messages. */
  readonly model?: string
}

interface ApiRequest {
  readonly method: 'GET' | 'POST'
  readonly path: string
  readonly body?: string
}

interface ApiReply {
  readonly status: number
  readonly contentType: string | undefined
  readonly location: string | undefined
  readonly body: string
}

/** The message and the hint for a model that the server does not have. */
export interface MissingModel {
  readonly message: string
  readonly hint: string
}

/** How messages refer to the server, and what they say about a model that it lacks; see `OllamaClientOptions`. */
interface ServerTexts {
  readonly name?: string | undefined
  readonly missingModel?: ((model: string) => MissingModel) | undefined
}

export class ApiConnection {
  readonly #base: BaseUrl
  readonly #headers: string[]
  readonly #redact: (text: string) => string
  readonly #client: Client
  readonly #texts: ServerTexts

  /**
   * @param redact removes from an answer the secrets that the headers contain
   */
  constructor(
    base: BaseUrl,
    headers: string[],
    redact: (text: string) => string,
    texts: ServerTexts = {},
  ) {
    this.#texts = texts
    this.#base = base
    this.#headers = headers
    this.#redact = redact
    const connect = base.connect ?? { timeout: 10_000 }
    this.#client = new Client(base.origin, {
      headersTimeout: 0,
      bodyTimeout: 0,
      connect,
    })
  }

  /** How messages refer to the server: its name, or its address. */
  get server(): string {
    return this.#texts.name ?? `the server at \`${this.#base.displayUrl}\``
  }

  /** The command that makes the server pull a model. */
  pullCommand(model: string): string {
    const address = forShell(this.#base.displayUrl)
    const host = this.#texts.name === undefined ? `OLLAMA_HOST=${address} ` : ''
    return `${host}ollama pull ${forShell(model)}`
  }

  /** Throws `ExpError` if the answer does not match the schema. */
  get<Schema extends z.ZodType>(
    path: string,
    schema: Schema,
    options: ModelCallOptions,
  ): Promise<z.output<Schema>> {
    return this.#call({ method: 'GET', path }, schema, options)
  }

  post<Schema extends z.ZodType>(
    path: string,
    body: object,
    schema: Schema,
    options: ModelCallOptions,
  ): Promise<z.output<Schema>> {
    return this.#call({ method: 'POST', path, body: JSON.stringify(body) }, schema, options)
  }

  /** Sends a request on the given connection. Throws `ExpError` if there is no answer. */
  async send(client: Client, request: ApiRequest, options: ModelCallOptions): Promise<ApiReply> {
    const timeoutMs = options.timeoutMs ?? 10_000
    const timeout = AbortSignal.timeout(timeoutMs)
    const tooManyInterim = new AbortController()
    const signals = options.signal === undefined ? [timeout] : [options.signal, timeout]
    const signal = AbortSignal.any([...signals, tooManyInterim.signal])
    let interimResponses = 0
    try {
      const { statusCode, headers, body } = await client.request({
        ...request,
        headers: this.#headers,
        signal,
        onInfo: () => {
          interimResponses += 1
          if (interimResponses > limits.interimResponses.max) tooManyInterim.abort()
        },
      })
      const { 'content-type': contentType, location } = headers
      return {
        status: statusCode,
        contentType: String(contentType ?? ''),
        location: location === undefined ? undefined : this.#redact(String(location)),
        body: this.#redact(await this.#textOf(body)),
      }
    } catch (error) {
      if (options.signal?.aborted === true) throw new ExpError('interrupted', 'interrupted')
      if (timeout.aborted) throw this.#timedOut(timeoutMs)
      if (tooManyInterim.signal.aborted)
        throw this.#notOllama('', `it sent ${beyond(limits.interimResponses, interimResponses)}`)
      if (error instanceof ExpError) throw error
      throw this.#noConnection(error)
    }
  }

  async #textOf(body: AsyncIterable<Buffer>): Promise<string> {
    const { max } = limits.serverAnswer
    const chunks: Buffer[] = []
    let size = 0
    for await (const chunk of body) {
      size += Math.max(chunk.length, minChunkBytes)
      if (size > max) throw this.#notOllama('', `it sent more than ${max} bytes`)
      chunks.push(chunk)
    }
    return Buffer.concat(chunks).toString('utf8')
  }

  async close(): Promise<void> {
    await this.#client.destroy()
  }

  async #call<Schema extends z.ZodType>(
    request: ApiRequest,
    schema: Schema,
    options: ModelCallOptions,
  ): Promise<z.output<Schema>> {
    const path = this.#base.path + request.path
    const reply = await this.send(this.#client, { ...request, path }, options)
    if (reply.status < 200 || reply.status > 299) throw this.#refusal(request.path, reply, options)
    const answer = schema.safeParse(parseJson(reply.body))
    if (!answer.success) throw this.#unexpectedAnswer(request.path, reply)
    return answer.data
  }

  #noConnection(error: unknown): ExpError {
    const code = errorCode(error)
    const text = error instanceof Error ? this.#redact(cleanText(error.message)) : ''
    const why = code === 'ECONNREFUSED' ? 'connection refused' : text || (code ?? 'no connection')
    if (this.#texts.name !== undefined)
      return new ExpError('environment', `${this.#texts.name} does not answer: ${why}`)
    const { displayUrl, origin } = this.#base
    const { message, hint } = connectionProblem(displayUrl, origin, code, text)
    return new ExpError('environment', message, hint)
  }

  #timedOut(timeoutMs: number): ExpError {
    return new ExpError(
      'environment',
      `${this.server} did not answer within ${timeoutMs / 1000} s`,
      'check whether it is busy loading a model, or hangs',
    )
  }

  #refusal(path: string, reply: ApiReply, { model }: ModelCallOptions): ExpError {
    const message = errorOfBody(reply.body)
    if (reply.location !== undefined)
      return new ExpError(
        'environment',
        `${this.#place(path)} redirects to \`${cleanText(reply.location)}\``,
        'use the address that it redirects to; redirects are not followed, because they would be measured too',
      )
    if (reply.status === 404 && model !== undefined && message !== undefined) {
      const missing = this.#missing(cleanText(model))
      return new ExpError('environment', missing.message, missing.hint)
    }
    if (message !== undefined)
      return new ExpError('environment', `${this.server} answers (${reply.status}): ${message}`)
    if (reply.status === 403 && reply.body === '')
      return new ExpError(
        'environment',
        `${this.server} forbids the request (403)`,
        'if a proxy is in front of Ollama, make it send `Host: localhost:11434`; for other origins, see OLLAMA_ORIGINS',
      )
    if (reply.status === 401 || reply.status === 403)
      return new ExpError(
        'environment',
        `${this.server} denies access (${reply.status})`,
        'add the `headers` that it requires to the target',
      )
    return this.#unexpectedAnswer(path, reply)
  }

  #missing(model: string): MissingModel {
    return (
      this.#texts.missingModel?.(model) ?? {
        message: `${this.server} does not have the model \`${model}\``,
        hint: this.pullCommand(model),
      }
    )
  }

  /** How messages refer to a path of the server. */
  #place(path: string): string {
    const { name } = this.#texts
    if (name === undefined) return `\`${this.#base.displayUrl}${path}\``
    return path === '' ? name : `\`${path}\` of ${name}`
  }

  #unexpectedAnswer(path: string, reply: ApiReply): ExpError {
    const what = isWebPage(reply.contentType, reply.body)
      ? 'it sent a web page'
      : `it sent (${reply.status}) ${cleanText(reply.body.slice(0, 80)) || 'nothing'}`
    return this.#notOllama(path, what)
  }

  #notOllama(path: string, what: string): ExpError {
    return new ExpError(
      'environment',
      `${this.#place(path)} does not answer like Ollama: ${what}`,
      this.#texts.name === undefined ? addressHint(this.#base.displayUrl) : undefined,
    )
  }
}

/** People write the address of an endpoint, or that of the interface for OpenAI's clients. */
function addressHint(url: string): string {
  const [endpoint] = /\/(?:v1|api)(?:\/.*)?$/.exec(url) ?? []
  return endpoint === undefined
    ? 'check whether this is the address of Ollama; the default is `http://127.0.0.1:11434`'
    : `remove ${quoted(endpoint)} from the address: exp adds \`/api/…\` to it`
}
