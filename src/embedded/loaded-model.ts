/**
 * A model in memory with its slots. All slots share one context. Each step is one batch over all slots:
 * one token of every slot that decodes, and as many prompt tokens as `num_batch` leaves room for.
 * Requests that find no free slot wait in order of arrival.
 */
import type * as Binding from 'node-llama-cpp'
import type {
  LlamaContext,
  LlamaEmbeddingContext,
  LlamaGrammarEvaluationState,
  LlamaModel,
  Token,
  Llama,
} from 'node-llama-cpp'
import { type GenerationRequest, type GenerationResult, Slot } from './slot.ts'
import { availableParallelism } from 'node:os'
import { pathToFileURL } from 'node:url'

export interface LoadPlan {
  readonly file: string
  /** Context of one slot, in tokens. */
  readonly contextLength: number
  readonly batchSize: number
  readonly threads: number
  readonly slots: number
  readonly shift: boolean
  readonly useMmap: boolean
  readonly flashAttention: boolean | 'auto'
  readonly kvCacheType: 'F16' | 'Q8_0' | 'Q4_0'
}

/** A slot is preferred if it holds at least this share of the prompt's tokens, as in llama.cpp's server. */
const usefulShare = 0.1

export class LoadedModel {
  readonly plan: LoadPlan
  readonly #backend: Backend
  readonly #model: LlamaModel
  readonly #context: LlamaContext
  readonly #slots: readonly Slot[]
  readonly #free: Slot[]
  readonly #waiting: ((slot: Slot) => void)[] = []
  #isRunning = false
  /** Created by the first request for embeddings. */
  #embeddings: Promise<LlamaEmbeddingContext> | undefined

  private constructor(backend: Backend, model: LlamaModel, context: LlamaContext, plan: LoadPlan) {
    this.plan = plan
    this.#backend = backend
    this.#model = model
    this.#context = context
    this.#slots = Array.from(
      { length: plan.slots },
      (_, id) => new Slot(id, context.getSequence(), plan.shift),
    )
    this.#free = [...this.#slots]
  }

  /** @throws the signal's reason if it is aborted; the model is then unloaded first */
  static async load(backend: Backend, plan: LoadPlan, signal: AbortSignal): Promise<LoadedModel> {
    const model = await backend.llama.loadModel({
      modelPath: plan.file,
      gpuLayers: 0,
      useMmap: plan.useMmap,
      loadSignal: signal,
      ignoreMemorySafetyChecks: true,
    })
    try {
      const context = await model.createContext({
        sequences: plan.slots,
        contextSize: plan.contextLength,
        batchSize: plan.batchSize,
        threads: plan.threads,
        flashAttention: plan.flashAttention,
        experimentalKvCacheKeyType: plan.kvCacheType,
        experimentalKvCacheValueType: plan.kvCacheType,
        failedCreationRemedy: false,
        ignoreMemorySafetyChecks: true,
        createSignal: signal,
      })
      return new LoadedModel(backend, model, context, plan)
    } catch (error) {
      await model.dispose()
      throw error
    }
  }

  /** Size in bytes: weights, KV cache and working memory of the context. */
  get sizeBytes(): number {
    return this.#model.memoryUsage.ram + this.#context.memoryUsage.ram
  }

  /** Tokenises a text, with the begin-of-sequence token first. Control tokens in the text are recognised. */
  tokenize(text: string): readonly Token[] {
    const { bos } = this.#model.tokens
    const tokens = this.#model.tokenize(text, true)
    return bos === null ? tokens : [bos, ...tokens]
  }

  /** Compiles a grammar in llama.cpp's notation for one answer. Throws if it is invalid. */
  startGrammar(gbnf: string): Promise<LlamaGrammarEvaluationState> {
    return this.#backend.startGrammar(this.#model, gbnf)
  }

  /** Waits for a slot, then generates. Rejects with the signal's reason if it is aborted while waiting. */
  async generate(request: GenerationRequest): Promise<{ slot: number } & GenerationResult> {
    const slot = this.#takeFreeSlot(request.prompt) ?? (await this.#waitForSlot(request.signal))
    try {
      const result = slot.start(request)
      void this.#run()
      return { slot: slot.id, ...(await result) }
    } finally {
      const next = this.#waiting.shift()
      if (next === undefined) this.#free.push(slot)
      else next(slot)
    }
  }

  /**
   * The embedding of each text, by llama.cpp: the model's output for the last token. Texts are computed one after
   * another, as in Ollama, where a model has one slot for embeddings.
   * @param inputs the tokens of each text, which fit the context
   */
  async embed(
    inputs: readonly (readonly Token[])[],
    signal: AbortSignal,
  ): Promise<readonly (readonly number[])[]> {
    const { contextLength, batchSize, threads } = this.plan
    this.#embeddings ??= this.#model.createEmbeddingContext({
      contextSize: contextLength,
      batchSize: Math.min(batchSize, contextLength),
      threads,
      ignoreMemorySafetyChecks: true,
    })
    const context = await this.#embeddings
    const vectors: (readonly number[])[] = []
    for (const tokens of inputs) {
      signal.throwIfAborted()
      vectors.push((await context.getEmbeddingFor([...tokens])).vector)
    }
    return vectors
  }

  async dispose(): Promise<void> {
    await (await this.#embeddings)?.dispose()
    await this.#context.dispose()
    await this.#model.dispose()
  }

  /**
   * Takes the free slot that holds the most of the prompt; if none holds enough, the slot that has been idle longest.
   */
  #takeFreeSlot(prompt: readonly Token[]): Slot | undefined {
    const longestIdleFirst = this.#free.toSorted((left, right) => left.usedAt - right.usedAt)
    const mostCachedFirst = this.#free.toSorted(
      (left, right) => right.countCached(prompt) - left.countCached(prompt),
    )
    const mostCached = mostCachedFirst[0]
    if (mostCached === undefined) return undefined
    const isUseful = mostCached.countCached(prompt) / prompt.length > usefulShare
    const slot = isUseful ? mostCached : longestIdleFirst[0]
    if (slot !== undefined) this.#free.splice(this.#free.indexOf(slot), 1)
    return slot
  }

  #waitForSlot(signal: AbortSignal): Promise<Slot> {
    return new Promise((resolve, reject) => {
      const onAbort = (): void => {
        this.#waiting.splice(this.#waiting.indexOf(take), 1)
        reject(signal.reason instanceof Error ? signal.reason : new Error('cancelled'))
      }
      const take = (slot: Slot): void => {
        signal.removeEventListener('abort', onAbort)
        resolve(slot)
      }
      if (signal.aborted) {
        reject(new Error('cancelled'))
        return
      }
      signal.addEventListener('abort', onAbort, { once: true })
      this.#waiting.push(take)
    })
  }

  /** Runs batches while any slot has work. */
  async #run(): Promise<void> {
    if (this.#isRunning) return
    this.#isRunning = true
    while (this.#slots.some((slot) => !slot.isFree)) await this.#makeBatch()
    this.#isRunning = false
  }

  async #makeBatch(): Promise<void> {
    await Promise.all(this.#slots.map((slot) => slot.prepare()))
    let room = this.#context.batchSize - this.#slots.filter((slot) => slot.isDecoding).length
    await Promise.all(
      this.#slots.map((slot) => {
        if (slot.isDecoding) return slot.step(1)
        const count = Math.min(slot.tokensLeft, room)
        room -= count
        return slot.step(count)
      }),
    )
  }
}

export interface Backend {
  readonly llama: Llama
  /** Compiles a grammar in llama.cpp's notation; returns its state before the first token. Throws if it is invalid. */
  readonly startGrammar: (model: LlamaModel, gbnf: string) => Promise<LlamaGrammarEvaluationState>
}

/** The only build for Apple silicon has Metal. The model stays in main memory there too (`gpuLayers: 0`). */
const gpu = process.platform === 'darwin' && process.arch === 'arm64' ? 'metal' : false

/**
 * @param bindingFile the main file of the binding
 * @param logLine receives each line that llama.cpp logs
 */
export async function openBackend(
  bindingFile: string,
  logLine: (line: string) => void,
): Promise<Backend> {
  const { getLlama, LlamaGrammarEvaluationState, LlamaLogLevel } = (await import(
    pathToFileURL(bindingFile).href
  )) as typeof Binding
  const llama = await getLlama({
    gpu,
    build: 'never',
    skipDownload: true,
    progressLogs: false,
    maxThreads: 0, // no limit, so that `num_thread` is used as requested
    logLevel: LlamaLogLevel.info,
    logger: (_level, message) => {
      for (const line of message.split('\n')) if (isInformative(line)) logLine(line)
    },
  })
  return {
    llama,
    startGrammar: async (model, grammar) =>
      new LlamaGrammarEvaluationState({ model, grammar: await llama.createGrammar({ grammar }) }),
  }
}

/** True for lines worth logging: not blank, and not part of the model description that repeats at each load. */
const isInformative = (line: string): boolean =>
  line.trim() !== '' && !/^(?:llama_model_loader: - kv|print_info:|load: )/.test(line)

/**
 * The default number of inference threads. One core is left for the load generator. More than four threads
 * do not help with a model this small. (llama.cpp's own default is every physical core. On a machine with
 * two cores, a load generator beside two busy threads makes each step wait for the slower thread.)
 */
export const defaultThreads = (llama: Llama): number =>
  Math.max(1, Math.min(4, llama.cpuMathCores - 1, availableParallelism() - 1))
