/**
 * The client of one Ollama server. Input: prepared requests. Output: a `Generation` for each, with the time of
 * every event; a failed request is a `Generation` too, never an exception. The other methods call the rest of
 * Ollama's API and throw `ExpError` with a hint.
 */
import type { Dispatcher } from 'undici'
import { ExpError } from '../errors/exp-error.ts'
import { ApiConnection, type CallOptions, type MissingModel } from './api-connection.ts'
import { parseBaseUrl, throughProxy, type BaseUrl } from './base-url.ts'
import { Connections } from './connections.ts'
import { createHeaderRedactor } from './error-text.ts'
import { Exchange } from './exchange.ts'
import { Answer } from './answer.ts'
import { EmbeddingAnswer } from './embedding-answer.ts'
import type { Generation, PreparedRequest } from './generation.ts'
import type { LoopActivity } from './read-delays.ts'
import {
  embedResponse,
  generateResponse,
  psResponse,
  showResponse,
  tagsResponse,
  versionResponse,
  type LoadedModel,
  type ModelDescription,
  type StoredModel,
} from './server-models.ts'

export interface OllamaClientOptions {
  /** May have a path, and a trailing slash. */
  readonly baseUrl: string
  readonly headers?: Readonly<Record<string, string>>
  /** The URL of a proxy, with its credentials if it needs any. */
  readonly proxy?: string | undefined
  /**
   * How messages refer to the server, such as `the server`. For a server that exp starts and stops, because its address
   * would tell people nothing. Default: its address.
   */
  readonly name?: string | undefined
  /**
   * Returns the message and the hint for a model that the server does not have. By default they contain the server's
   * address.
   */
  readonly missingModel?: (model: string) => MissingModel
  /** The clock for the times of a `Generation`, in milliseconds; `performance.now` by default. */
  readonly now?: () => number
  /** Reads how long this thread has waited for a CPU. By default that is not known. */
  readonly runQueue?: LoopActivity['runQueue'] | undefined
}

export interface GenerateOptions {
  /** The time limit from send to last byte. A longer request has the outcome `timeout`. */
  readonly timeoutMs: number
  /** Cancels the request: closes its connection, which makes the server stop generating. */
  readonly signal?: AbortSignal
}

const idleMs = () => performance.nodeTiming.idleTime

/** The longest delay that `setTimeout` accepts. */
const maxTimerMs = 2 ** 31 - 1

export class OllamaClient {
  readonly #base: BaseUrl
  readonly #headers: string[]
  readonly #redact: (text: string) => string
  readonly #now: () => number
  readonly #connections: Connections
  readonly #api: ApiConnection
  /** The running requests by signal, so that each signal needs only one listener. */
  readonly #bySignal = new WeakMap<AbortSignal, Set<Exchange>>()

  constructor(options: OllamaClientOptions) {
    const {
      baseUrl,
      headers = {},
      proxy,
      name,
      missingModel,
      now = () => performance.now(),
      runQueue = () => undefined,
    } = options
    const base = parseBaseUrl(baseUrl)
    this.#base = proxy === undefined ? base : throughProxy(base, proxy)
    const { authorization } = base
    const allHeaders = {
      ...(authorization !== undefined && { authorization }),
      ...this.#base.headers,
      ...headers,
    }
    this.#headers = [
      ...['content-type', 'application/json', 'accept', 'application/x-ndjson, application/json'],
      ...Object.entries(allHeaders).flat(),
    ]
    const redactHeaders = createHeaderRedactor(allHeaders)
    const address = ` ${new URL(base.origin).host}`
    this.#redact = (text) => redactHeaders(name === undefined ? text : text.replaceAll(address, ''))
    this.#now = now
    this.#connections = new Connections(this.#base, now, { idleMs, runQueue })
    this.#api = new ApiConnection(this.#base, this.#headers, this.#redact, { name, missingModel })
  }

  /**
   * Opens connections in advance, so that measured requests need not open any. Throws `ExpError` if the server does
   * not answer.
   */
  async connect(count: number, options: CallOptions = {}): Promise<void> {
    const taken = Array.from({ length: count }, () => this.#connections.take())
    const path = `${this.#base.path}/api/version`
    try {
      await Promise.all(
        taken.map(({ client }) => this.#api.send(client, { method: 'GET', path }, options)),
      )
    } finally {
      // Released in reverse order, so that the first one is used first.
      for (const connection of taken.reverse()) this.#connections.release(connection)
    }
  }

  /** Sends the request on an idle connection, or on a new one. Never rejects. */
  generate(request: PreparedRequest, { timeoutMs, signal }: GenerateOptions): Promise<Generation> {
    return new Promise((resolve) => {
      const connection = this.#connections.take()
      const running = signal === undefined ? undefined : this.#runningFor(signal)
      const exchange = new Exchange(
        request.inputCount === undefined ? new Answer() : new EmbeddingAnswer(request.inputCount),
        connection.wire,
        this.#now,
        (generation, isConnectionReusable) => {
          clearTimeout(timer)
          running?.delete(exchange)
          if (isConnectionReusable) this.#connections.release(connection)
          else this.#connections.discard(connection)
          const { error } = generation
          resolve(error === undefined ? generation : { ...generation, error: this.#redact(error) })
        },
      )
      const timer = setTimeout(
        () => exchange.fail('timeout', `no complete answer within ${timeoutMs} ms`),
        Math.min(timeoutMs, maxTimerMs),
      )
      running?.add(exchange)
      if (signal?.aborted === true) exchange.fail('cancelled', 'cancelled before it was sent')
      else connection.client.dispatch(this.#dispatchOptions(request), exchange)
    })
  }

  async version(options: CallOptions = {}): Promise<string> {
    return (await this.#api.get('/api/version', versionResponse, options)).version
  }

  /** The models in the server's model store. */
  async tags(options: CallOptions = {}): Promise<readonly StoredModel[]> {
    return (await this.#api.get('/api/tags', tagsResponse, options)).models
  }

  /** The loaded models. */
  async ps(options: CallOptions = {}): Promise<readonly LoadedModel[]> {
    return (await this.#api.get('/api/ps', psResponse, options)).models
  }

  /** Throws `ExpError` with the `pull` command if the server does not have the model. */
  async show(model: string, options: CallOptions = {}): Promise<ModelDescription> {
    return this.#api.post('/api/show', { model }, showResponse, { ...options, model })
  }

  /** Throws `ExpError` if the server has the model with a digest that does not begin with these digits. */
  async assertDigest(model: string, digits: string, options: CallOptions = {}): Promise<void> {
    const stored = (await this.tags(options)).find(({ name }) => isSameModel(name, model))
    const digest = stored?.digest.replace(/^sha256:/, '')
    if (digest?.startsWith(digits)) return
    if (digest === undefined)
      throw new ExpError(
        'environment',
        `the digest of \`${model}\` is pinned, but ${this.#api.server} does not list that model`,
        'write the name as `ollama list` shows it',
      )
    const different = Array.from(digits).findIndex((digit, at) => digit !== digest[at])
    const shown = Math.max(12, different + 1)
    const [found, pinned] = [digest.slice(0, shown), digits.slice(0, shown)]
    throw new ExpError(
      'environment',
      `${this.#api.server} has \`${model}\` with the digest \`${found}\`, but the file pins \`${pinned}\``,
      `to measure the one that is there, pin it (\`digest: ${found}\`) or remove the pin; to measure the pinned one, bring it there: \`${this.#api.pullCommand(model)}\`, if the registry still has it under that name`,
    )
  }

  /**
   * Loads the model and waits until it is loaded.
   * @param modelOptions the options that the later requests have: if theirs differed, the server would reload the model
   */
  async preload(
    model: string,
    modelOptions: Readonly<Record<string, unknown>>,
    keepAlive: string | number | undefined,
    { api = 'generate', ...options }: CallOptions & { readonly api?: 'generate' | 'embed' } = {},
  ): Promise<void> {
    const body = {
      model,
      ...(api === 'embed' ? { input: '' } : { stream: false }),
      ...(Object.keys(modelOptions).length > 0 && { options: modelOptions }),
      ...(keepAlive !== undefined && { keep_alive: keepAlive }),
    }
    const call = { timeoutMs: 600_000, ...options, model }
    if (api === 'embed') await this.#api.post('/api/embed', body, embedResponse, call)
    else await this.#api.post('/api/generate', body, generateResponse, call)
  }

  /** Unloads the model and waits until the server no longer lists it as loaded. */
  async unload(model: string, options: CallOptions = {}): Promise<void> {
    const body = { model, keep_alive: 0, stream: false }
    await this.#api.post('/api/generate', body, generateResponse, { ...options, model })
    const deadline = this.#now() + (options.timeoutMs ?? 30_000)
    while ((await this.ps(options)).some((loaded) => isSameModel(loaded.name, model))) {
      if (this.#now() > deadline)
        throw new ExpError('environment', `\`${model}\` is still loaded in ${this.#api.server}`)
      await new Promise((resolve) => setTimeout(resolve, 100))
    }
  }

  /** Closes all connections. Running requests fail. */
  async close(): Promise<void> {
    await Promise.all([this.#connections.close(), this.#api.close()])
  }

  #dispatchOptions(request: PreparedRequest): Dispatcher.DispatchOptions {
    return {
      path: this.#base.path + request.path,
      method: 'POST',
      headers: this.#headers,
      body: request.body,
    }
  }

  #runningFor(signal: AbortSignal): Set<Exchange> {
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

/**
 * True if both names mean the same model: Ollama lists `qwen3` as `qwen3:latest`, leaves out its own registry, and
 * ignores case.
 */
export function isSameModel(listed: string, requested: string): boolean {
  return fullName(listed) === fullName(requested)
}

function fullName(model: string): string {
  const name = model.toLowerCase().replace(/^(?:registry\.ollama\.ai\/)?(?:library\/)?/, '')
  return /:[^/]*$/.test(name) ? name : `${name}:latest`
}
