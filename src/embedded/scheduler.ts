/**
 * Decides which models are in memory. A request whose model is already loaded with its options starts at once.
 * Other requests wait in a queue of at most `OLLAMA_MAX_QUEUE` requests. They are served one at a time, and serving one
 * may unload or reload an idle model. After its last request a model stays loaded for `keep_alive`.
 */
import { isDeepStrictEqual } from 'node:util'
import { HttpProblem } from './reply.ts'
import type { LoadedModel } from './loaded-model.ts'
import type { LoadOptions } from './model-options.ts'

export interface ModelRequest {
  readonly model: string
  readonly options: LoadOptions
  /** Nanoseconds. */
  readonly keepAlive: bigint
  readonly signal: AbortSignal
}

/** A loaded model that is reserved for one request. */
export interface Lease {
  readonly model: LoadedModel
  release(): void
}

export interface ResidentModel {
  readonly name: string
  readonly model: LoadedModel
  readonly expiresAt: Date
}

export type LoadModel = (options: LoadOptions, signal: AbortSignal) => Promise<LoadedModel>

export class Scheduler {
  readonly #load: LoadModel
  readonly #maxQueue: number
  readonly #maxLoaded: number
  readonly #residents = new Map<string, Resident>()
  readonly #queue: QueuedRequest[] = []
  #isServing = false

  /** @param maxLoaded maximum number of loaded models; 0 means Ollama's default of three */
  constructor(load: LoadModel, maxQueue: number, maxLoaded: number) {
    this.#load = load
    this.#maxQueue = maxQueue
    this.#maxLoaded = maxLoaded === 0 ? 3 : maxLoaded
  }

  /** @throws HttpProblem 503 if the queue is full, 499 if the signal is aborted first */
  acquire(request: ModelRequest): Promise<Lease> {
    const resident = this.#residents.get(request.model)
    if (resident?.canServe(request.options))
      return Promise.resolve(resident.lease(request.keepAlive))
    if (this.#queue.length >= this.#maxQueue)
      throw new HttpProblem(
        503,
        'server busy, please try again.  maximum pending requests exceeded',
      )
    return new Promise((resolve, reject) => {
      this.#queue.push({ request, resolve, reject })
      void this.#serveQueue()
    })
  }

  /** Unloads a model as soon as its running requests have ended. */
  expire(name: string): void {
    void this.#residents.get(name)?.expire()
  }

  /** Loaded models, latest expiry first. */
  residents(): readonly ResidentModel[] {
    return [...this.#residents.values()]
      .map(({ name, model, expiresAt }) => ({ name, model, expiresAt }))
      .sort((left, right) => right.expiresAt.getTime() - left.expiresAt.getTime())
  }

  async close(): Promise<void> {
    for (const { reject } of this.#queue.splice(0)) reject(new HttpProblem(499, 'request canceled'))
    await Promise.all([...this.#residents.values()].map((resident) => resident.expire()))
  }

  async #serveQueue(): Promise<void> {
    if (this.#isServing) return
    this.#isServing = true
    for (let next = this.#queue.shift(); next !== undefined; next = this.#queue.shift())
      await this.#serve(next)
    this.#isServing = false
  }

  async #serve({ request, resolve, reject }: QueuedRequest): Promise<void> {
    try {
      const resident = await this.#residentFor(request)
      resolve(resident.lease(request.keepAlive))
    } catch (error) {
      reject(request.signal.aborted ? new HttpProblem(499, 'request canceled') : error)
    }
  }

  async #residentFor({ model: name, options, signal }: ModelRequest): Promise<Resident> {
    signal.throwIfAborted()
    const resident = this.#residents.get(name)
    if (resident?.canServe(options)) return resident
    await resident?.expire()
    while (this.#residents.size >= this.#maxLoaded) await this.#nextToUnload()?.expire()
    signal.throwIfAborted()
    const model = await this.#load(options, signal)
    const loaded = new Resident(name, model, options, () => this.#residents.delete(name))
    this.#residents.set(name, loaded)
    return loaded
  }

  /** The model to unload next: an idle one first, then the one with the shortest `keep_alive`. */
  #nextToUnload(): Resident | undefined {
    return [...this.#residents.values()].toSorted(
      (left, right) =>
        Number(right.isIdle) - Number(left.isIdle) || left.keepAliveMs - right.keepAliveMs,
    )[0]
  }
}

interface QueuedRequest {
  readonly request: ModelRequest
  readonly resolve: (lease: Lease) => void
  readonly reject: (error: unknown) => void
}

class Resident {
  readonly name: string
  readonly model: LoadedModel
  keepAliveMs = 0
  readonly #options: LoadOptions
  readonly #onUnloaded: () => void
  readonly #waiters: (() => void)[] = []
  #users = 0
  #isExpired = false
  #isUnloading = false
  #timer: NodeJS.Timeout | undefined
  #idleSince = Date.now()

  constructor(name: string, model: LoadedModel, options: LoadOptions, onUnloaded: () => void) {
    this.name = name
    this.model = model
    this.#options = options
    this.#onUnloaded = onUnloaded
  }

  get isIdle(): boolean {
    return this.#users === 0
  }

  /** When the model will be unloaded if no request comes; about 292 years ahead if it is kept forever. */
  get expiresAt(): Date {
    return new Date((this.isIdle ? this.#idleSince : Date.now()) + this.keepAliveMs)
  }

  canServe(options: LoadOptions): boolean {
    return !this.#isExpired && canServe(this.#options, options)
  }

  lease(keepAlive: bigint): Lease {
    clearTimeout(this.#timer)
    this.#users += 1
    this.keepAliveMs = Number(keepAlive / 1_000_000n)
    let isReleased = false
    return {
      model: this.model,
      release: () => {
        if (isReleased) return
        isReleased = true
        this.#users -= 1
        if (this.isIdle) this.#becomeIdle()
      },
    }
  }

  /** Unloads the model once it is idle; resolves when it has left memory. */
  async expire(): Promise<void> {
    this.#isExpired = true
    const unloaded = new Promise<void>((resolve) => this.#waiters.push(resolve))
    if (this.isIdle) this.#becomeIdle()
    await unloaded
  }

  #becomeIdle(): void {
    clearTimeout(this.#timer)
    this.#idleSince = Date.now()
    if (this.#isExpired || this.keepAliveMs <= 0) void this.#unload()
    else if (this.keepAliveMs <= maxTimerMs)
      this.#timer = setTimeout(() => void this.#unload(), this.keepAliveMs).unref()
  }

  async #unload(): Promise<void> {
    if (this.#isUnloading) return
    this.#isUnloading = true
    this.#isExpired = true
    await this.model.dispose()
    this.#onUnloaded()
    for (const resolve of this.#waiters) resolve()
  }
}

/** The longest delay that Node's timers support. A model with a longer `keep_alive` is never unloaded. */
const maxTimerMs = 2 ** 31 - 1

/**
 * True if the loaded model can serve these options. An option that leaves the choice to Ollama fits any loaded model.
 */
const canServe = (loaded: LoadOptions, requested: LoadOptions): boolean =>
  isDeepStrictEqual(loaded, {
    ...requested,
    ...(requested.numGpu < 0 && { numGpu: loaded.numGpu }),
    ...(requested.useMmap === undefined && { useMmap: loaded.useMmap }),
  })
