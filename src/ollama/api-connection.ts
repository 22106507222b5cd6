/**
 * Questions about a server, apart from the load: one connection of their own, answers parsed by a schema, and
 * every way in which something that is not Ollama can answer told to people as an `ExpError`.
 */
import { Client } from 'undici'
import type { z } from 'zod'
import { ExpError } from '../errors/exp-error.ts'
import type { BaseUrl } from './base-url.ts'
import { cleanText, errorOfBody, isWebPage } from './error-text.ts'
import { parseJson } from '../json/parse-json.ts'
import { errorCode } from './exchange.ts'

export interface ModelCallOptions {
  readonly signal?: AbortSignal | undefined
  /** Ten seconds unless given. */
  readonly timeoutMs?: number
  /** The model that is asked about, for the text of an error. */
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

const longestBody = 64 * 1024 * 1024

export class ApiConnection {
  readonly #base: BaseUrl
  readonly #headers: string[]
  readonly #conceal: (text: string) => string
  readonly #client: Client

  /** @param conceal takes out of an answer what the headers hold */
  constructor(base: BaseUrl, headers: string[], conceal: (text: string) => string) {
    this.#base = base
    this.#headers = headers
    this.#conceal = conceal
    const connect = base.connect ?? { timeout: 10_000 }
    this.#client = new Client(base.origin, {
      headersTimeout: 0,
      bodyTimeout: 0,
      maxResponseSize: longestBody,
      connect,
    })
  }

  /** Throws `ExpError` for anything but the answer that the schema describes. */
  get<Schema extends z.ZodType>(
    path: string,
    schema: Schema,
    options: ModelCallOptions,
  ): Promise<z.output<Schema>> {
    return this.#ask({ method: 'GET', path }, schema, options)
  }

  post<Schema extends z.ZodType>(
    path: string,
    body: object,
    schema: Schema,
    options: ModelCallOptions,
  ): Promise<z.output<Schema>> {
    return this.#ask({ method: 'POST', path, body: JSON.stringify(body) }, schema, options)
  }

  /** Sends a question on a connection of the caller's; throws `ExpError` where there is no answer at all. */
  async send(client: Client, question: ApiRequest, options: ModelCallOptions): Promise<ApiReply> {
    const timeoutMs = options.timeoutMs ?? 10_000
    const timeout = AbortSignal.timeout(timeoutMs)
    const signal =
      options.signal === undefined ? timeout : AbortSignal.any([options.signal, timeout])
    try {
      const { statusCode, headers, body } = await client.request({
        ...question,
        headers: this.#headers,
        signal,
      })
      const { 'content-type': contentType, location } = headers
      return {
        status: statusCode,
        contentType: String(contentType ?? ''),
        location: location === undefined ? undefined : this.#conceal(String(location)),
        body: this.#conceal(await body.text()),
      }
    } catch (error) {
      if (options.signal?.aborted === true) throw new ExpError('interrupted', 'interrupted')
      if (timeout.aborted) throw this.#silence(timeoutMs)
      if (errorCode(error) === 'UND_ERR_RES_EXCEEDED_MAX_SIZE')
        throw this.#notAsOllama('', `with more than ${longestBody / 2 ** 20} MiB`)
      throw this.#noConnection(error)
    }
  }

  async close(): Promise<void> {
    await this.#client.destroy()
  }

  async #ask<Schema extends z.ZodType>(
    question: ApiRequest,
    schema: Schema,
    options: ModelCallOptions,
  ): Promise<z.output<Schema>> {
    const path = this.#base.path + question.path
    const reply = await this.send(this.#client, { ...question, path }, options)
    if (reply.status < 200 || reply.status > 299) throw this.#refusal(question.path, reply, options)
    const answer = schema.safeParse(parseJson(reply.body))
    if (!answer.success) throw this.#notOllama(question.path, reply)
    return answer.data
  }

  #noConnection(error: unknown): ExpError {
    const code = errorCode(error)
    const text = error instanceof Error ? cleanText(error.message) : ''
    const why = code === 'ECONNREFUSED' ? 'connection refused' : text || (code ?? 'no connection')
    return new ExpError(
      'environment',
      `no server answers at \`${this.#base.displayUrl}\`: ${why}`,
      'start it with `ollama serve`, or correct the address',
    )
  }

  #silence(timeoutMs: number): ExpError {
    return new ExpError(
      'environment',
      `the server at \`${this.#base.displayUrl}\` did not answer within ${timeoutMs / 1000} s`,
      'see whether it is busy loading a model, or stuck',
    )
  }

  #refusal(path: string, reply: ApiReply, { model }: ModelCallOptions): ExpError {
    const { displayUrl: shown } = this.#base
    const said = errorOfBody(reply.body)
    if (reply.location !== undefined)
      return new ExpError(
        'environment',
        `\`${shown}${path}\` redirects to \`${cleanText(reply.location)}\``,
        'give the address that it redirects to; redirects are not followed, they would be measured too',
      )
    if (reply.status === 404 && model !== undefined && said !== undefined)
      return new ExpError(
        'environment',
        `the server at \`${shown}\` does not have the model \`${cleanText(model)}\``,
        `ollama pull ${cleanText(model)}`,
      )
    if (said !== undefined)
      return new ExpError(
        'environment',
        `the server at \`${shown}\` says (${reply.status}): ${said}`,
      )
    if (reply.status === 403 && reply.body === '')
      return new ExpError(
        'environment',
        `the server at \`${shown}\` forbids the request (403)`,
        'behind a proxy, have it send `Host: localhost:11434`; see OLLAMA_ORIGINS for other origins',
      )
    if (reply.status === 401 || reply.status === 403)
      return new ExpError(
        'environment',
        `the server at \`${shown}\` does not let us in (${reply.status})`,
        'give the target the `headers` that it asks for',
      )
    return this.#notOllama(path, reply)
  }

  #notOllama(path: string, reply: ApiReply): ExpError {
    const what = isWebPage(reply.contentType, reply.body)
      ? 'with a web page'
      : `(${reply.status}) ${cleanText(reply.body.slice(0, 80)) || 'with nothing'}`
    return this.#notAsOllama(path, what)
  }

  #notAsOllama(path: string, what: string): ExpError {
    return new ExpError(
      'environment',
      `\`${this.#base.displayUrl}${path}\` does not answer as Ollama does: ${what}`,
      'see whether this is the address of Ollama; its default is `http://127.0.0.1:11434`',
    )
  }
}
