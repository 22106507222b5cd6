/**
 * The client that measures. `generate` takes bytes that were prepared before and gives back a `Generation`
 * with the time of everything that happened; a request that fails is a `Generation` too, never an exception.
 * The other methods ask the server about itself, and throw `ExpError` with a way out.
 */
import type { Dispatcher } from 'undici'
import { ExpError } from '../errors/exp-error.ts'
import { parseBaseUrl } from './base-url.ts'
import type { BaseUrl } from './base-url.ts'
import { createHeaderRedactor } from './conceal.ts'
import { Connections } from './connections.ts'
import { Exchange } from './exchange.ts'
import type { Generation, PreparedRequest } from './generation.ts'
import { throughProxy } from './proxy.ts'
import { ApiConnection } from './api-connection.ts'
import {
  generateResponse,
  psResponse,
  showResponse,
  tagsResponse,
  versionResponse,
} from './server-models.ts'
import type { LoadedModel, ModelDescription, StoredModel } from './server-models.ts'

export interface OllamaClientOptions {
  /** May have a path; with or without a trailing slash. */
  readonly baseUrl: string
  readonly headers?: Readonly<Record<string, string>>
  /** Address of a proxy on the way, with its credentials if it needs them. */
  readonly proxy?: string | undefined
  /** The clock that a `Generation` is timed by, in milliseconds; `performance.now` unless given. */
  readonly now?: () => number
}

export interface GenerateOptions {
  /** From send to last byte; beyond it the outcome is `timeout`. */
  readonly timeoutMs: number
  /** Cancels: the connection is closed, which makes the server stop its work. */
  readonly signal?: AbortSignal
}

export interface CallOptions {
  readonly signal?: AbortSignal | undefined
  readonly timeoutMs?: number
}

const longestTimer = 2 ** 31 - 1

export class OllamaClient {
  readonly #base: BaseUrl
  readonly #headers: string[]
  readonly #conceal: (text: string) => string
  readonly #now: () => number
  readonly #connections: Connections
  readonly #questions: ApiConnection
  /** What each signal would cancel: one listener a signal, not one a request. */
  readonly #bySignal = new WeakMap<AbortSignal, Set<Exchange>>()

  constructor(options: OllamaClientOptions) {
    const { baseUrl, headers = {}, proxy, now = () => performance.now() } = options
    const base = parseBaseUrl(baseUrl)
    this.#base = proxy === undefined ? base : throughProxy(base, proxy)
    const { authorization } = base
    const all = {
      ...(authorization !== undefined && { authorization }),
      ...this.#base.headers,
      ...headers,
    }
    this.#headers = [
      ...['content-type', 'application/json', 'accept', 'application/x-ndjson, application/json'],
      ...Object.entries(all).flat(),
    ]
    this.#conceal = createHeaderRedactor(all)
    this.#now = now
    this.#connections = new Connections(this.#base)
    this.#questions = new ApiConnection(this.#base, this.#headers, this.#conceal)
  }

  /** Opens so many connections, so that no measured request has to. Throws `ExpError` where none answers. */
  async connect(count: number, options: CallOptions = {}): Promise<void> {
    const taken = Array.from({ length: count }, () => this.#connections.take())
    const path = `${this.#base.path}/api/version`
    try {
      await Promise.all(
        taken.map((client) => this.#questions.send(client, { method: 'GET', path }, options)),
      )
    } finally {
      // Given back in reverse, so that the first is taken first.
      for (const client of taken.reverse()) this.#connections.giveBack(client)
    }
  }

  /** Sends the request on an idle connection, or on a new one. Never rejects. */
  generate(request: PreparedRequest, { timeoutMs, signal }: GenerateOptions): Promise<Generation> {
    return new Promise((resolve) => {
      const connection = this.#connections.take()
      const running = signal === undefined ? undefined : this.#watch(signal)
      const exchange = new Exchange(this.#now, (generation, connectionIsGood) => {
        clearTimeout(timer)
        running?.delete(exchange)
        if (connectionIsGood) this.#connections.giveBack(connection)
        else this.#connections.throwAway(connection)
        const { error } = generation
        resolve(error === undefined ? generation : { ...generation, error: this.#conceal(error) })
      })
      const timer = setTimeout(
        () => exchange.fail('timeout', `no complete answer within ${timeoutMs} ms`),
        Math.min(timeoutMs, longestTimer),
      )
      running?.add(exchange)
      if (signal?.aborted === true) exchange.fail('cancelled', 'cancelled before it was sent')
      else connection.dispatch(this.#dispatchOptions(request), exchange)
    })
  }

  async version(options: CallOptions = {}): Promise<string> {
    return (await this.#questions.get('/api/version', versionResponse, options)).version
  }

  /** The models in the server's store. */
  async tags(options: CallOptions = {}): Promise<readonly StoredModel[]> {
    return (await this.#questions.get('/api/tags', tagsResponse, options)).models
  }

  /** The models that are loaded now. */
  async ps(options: CallOptions = {}): Promise<readonly LoadedModel[]> {
    return (await this.#questions.get('/api/ps', psResponse, options)).models
  }

  /** Throws `ExpError` with the `pull` command where the server does not have the model. */
  async show(model: string, options: CallOptions = {}): Promise<ModelDescription> {
    return this.#questions.post('/api/show', { model }, showResponse, { ...options, model })
  }

  /**
   * Loads the model and returns when it is there. `modelOptions` must be those of the requests that follow:
   * other load-time options would make the server load it again.
   */
  async preload(
    model: string,
    modelOptions: Readonly<Record<string, unknown>>,
    keepAlive: string | number | undefined,
    options: CallOptions = {},
  ): Promise<void> {
    const body = {
      model,
      stream: false,
      ...(Object.keys(modelOptions).length > 0 && { options: modelOptions }),
      ...(keepAlive !== undefined && { keep_alive: keepAlive }),
    }
    const patience = { timeoutMs: 600_000, ...options, model }
    await this.#questions.post('/api/generate', body, generateResponse, patience)
  }

  /** Has the model unloaded, and returns when the server no longer lists it as loaded. */
  async unload(model: string, options: CallOptions = {}): Promise<void> {
    const body = { model, keep_alive: 0, stream: false }
    await this.#questions.post('/api/generate', body, generateResponse, { ...options, model })
    const deadline = this.#now() + (options.timeoutMs ?? 30_000)
    while ((await this.ps(options)).some((loaded) => isSameModel(loaded.name, model))) {
      if (this.#now() > deadline)
        throw new ExpError(
          'environment',
          `\`${model}\` is still loaded at \`${this.#base.displayUrl}\``,
        )
      await new Promise((resolve) => setTimeout(resolve, 100))
    }
  }

  /** Closes all connections; what is running fails. */
  async close(): Promise<void> {
    await Promise.all([this.#connections.close(), this.#questions.close()])
  }

  #dispatchOptions(request: PreparedRequest): Dispatcher.DispatchOptions {
    return {
      path: this.#base.path + request.path,
      method: 'POST',
      headers: this.#headers,
      body: request.body,
    }
  }

  #watch(signal: AbortSignal): Set<Exchange> {
    const known = this.#bySignal.get(signal)
    if (known !== undefined) return known
    const running = new Set<Exchange>()
    this.#bySignal.set(signal, running)
    const cancelAll = () => {
      for (const exchange of [...running]) exchange.fail('cancelled', 'cancelled')
    }
    signal.addEventListener('abort', cancelAll, { once: true })
    return running
  }
}

/** Ollama lists `qwen3` as `qwen3:latest`. */
export function isSameModel(listed: string, asked: string): boolean {
  return listed === asked || listed === `${asked}:latest`
}
