/**
 * The engine behind the HTTP routes. It loads the model with a request's options and turns a prompt into an
 * answer with Ollama's figures.
 *
 * What each duration covers, in nanoseconds of one monotonic clock:
 * - `total_duration`: from the request's arrival (its body was read) to the last token.
 * - `load_duration`: from the request's arrival until the model is loaded. It includes the wait for another
 *   load, the wait for running requests before a reload, and the load itself. Near zero if already loaded.
 * - `prompt_eval_duration`: from the slot's first work on the prompt to the first sampled token. Cached tokens
 *   take no time here, but `prompt_eval_count` includes them.
 * - `eval_duration`: from the first sampled token to the last. `eval_count` includes both, and the end-of-turn token.
 * - Only `total_duration` includes waiting for a slot, rendering and tokenising.
 */
import type { LlamaGrammarEvaluationState, Token } from 'node-llama-cpp'
import { AnswerText } from './answer-text.ts'
import { defaultThreads, type Backend, LoadedModel, type LoadPlan } from './loaded-model.ts'
import type { GenerationResult, TokenVerdict } from './slot.ts'
import { HttpProblem } from './reply.ts'
import { slogLine, type Log } from './log-line.ts'
import type { LoadOptions, SamplingOptions } from './model-options.ts'
import { Scheduler, type Lease, type ModelRequest, type ResidentModel } from './scheduler.ts'
import type { ServerSettings } from './server-settings.ts'
import { architecture } from './synthetic-model.ts'
import { createVocabulary } from './vocabulary.ts'

export interface Completion {
  readonly prompt: readonly Token[]
  readonly sampling: SamplingOptions
  /** In llama.cpp's notation; undefined for free text. */
  readonly grammar: string | undefined
  readonly truncate: boolean
  readonly signal: AbortSignal
  /** Receives each piece of the answer as it is generated; never an empty one. */
  readonly onText: (text: string) => void
}

export interface CompletionResult extends GenerationResult {
  /** The tokens of prompt and answer, returned to the client as `context`. */
  readonly tokens: readonly Token[]
}

/** If one token repeats more than this many times in a row, the stream ends without an error, as in Ollama. */
const maxRepetitions = 30
const minContextLength = 4
const defaultBatchSize = 512

export class Engine {
  readonly #settings: ServerSettings
  readonly #backend: Backend
  readonly #weightsFile: string
  readonly #log: Log
  readonly #scheduler: Scheduler
  readonly #vocabulary = createVocabulary()
  #tasks = 0

  constructor(settings: ServerSettings, backend: Backend, weightsFile: string, log: Log) {
    this.#settings = settings
    this.#backend = backend
    this.#weightsFile = weightsFile
    this.#log = log
    this.#scheduler = new Scheduler(
      (options, signal) => this.#load(options, signal),
      settings.maxQueue,
      settings.maxLoadedModels,
    )
  }

  /** Returns a loaded model for one request. The caller must always release it. @throws HttpProblem 503, 499 */
  acquire(request: ModelRequest): Promise<Lease> {
    return this.#scheduler.acquire({ ...request, options: this.#withDefaults(request.options) })
  }

  expire(model: string): void {
    this.#scheduler.expire(model)
  }

  residents(): readonly ResidentModel[] {
    return this.#scheduler.residents()
  }

  close(): Promise<void> {
    return this.#scheduler.close()
  }

  /** @throws HttpProblem 400 if the prompt does not fit and must not be truncated, or if the grammar is invalid */
  async complete(model: LoadedModel, completion: Completion): Promise<CompletionResult> {
    const { sampling, signal } = completion
    const prompt = this.#truncated(model.plan, completion)
    const grammarState =
      completion.grammar === undefined ? undefined : await startGrammar(model, completion.grammar)
    const answer = new AnswerText(sampling.stop)
    const tokens = [...prompt]
    const repetition = { token: -1, count: 0 }
    const send = (text: string): void => {
      if (text !== '') completion.onText(text)
    }
    const onToken = (token: Token): TokenVerdict => {
      tokens.push(token)
      repetition.count = token === repetition.token ? repetition.count + 1 : 0
      repetition.token = token
      send(answer.push(this.bytesOf(token)))
      if (answer.isStopped) return 'stop'
      return repetition.count > maxRepetitions ? 'repeating' : 'continue'
    }
    const result = await model.generate({ prompt, sampling, grammarState, onToken, signal })
    if (result.doneReason !== 'cancelled') send(answer.finish())
    this.#logResult(result)
    return { ...result, tokens }
  }

  bytesOf(token: number): Uint8Array {
    return this.#vocabulary[token]?.bytes ?? new Uint8Array()
  }

  #truncated(plan: LoadPlan, { prompt, sampling, truncate }: Completion): readonly Token[] {
    const keep = sampling.numKeep < 0 ? -1 : sampling.numKeep + 1
    const limits = { contextLength: plan.contextLength, keep, truncate, shift: plan.shift }
    const truncated = truncatePrompt(prompt, limits)
    if (truncated.length < prompt.length)
      this.#log(
        slogLine('WARN', 'truncating input prompt', {
          limit: truncated.length,
          prompt: prompt.length,
          keep,
          new: truncated.length,
        }),
      )
    return truncated
  }

  /** Fills in the server's defaults, so that a request that names a default does not cause a reload. */
  #withDefaults(options: LoadOptions): LoadOptions {
    const requestedContext = Math.max(
      minContextLength,
      options.numCtx || this.#settings.contextLength,
    )
    if (requestedContext > architecture.contextLength)
      this.#log(
        slogLine('WARN', 'requested context size too large for model', {
          num_ctx: requestedContext,
          n_ctx_train: architecture.contextLength,
        }),
      )
    return {
      ...options,
      numCtx: Math.min(requestedContext, architecture.contextLength),
      numBatch: options.numBatch > 0 ? options.numBatch : defaultBatchSize,
    }
  }

  async #load(options: LoadOptions, signal: AbortSignal): Promise<LoadedModel> {
    const startedAt = performance.now()
    const plan = this.#plan(options)
    this.#log(slogLine('INFO', 'starting llama-server', { cmd: commandLine(plan, options) }))
    this.#log(
      `system_info: n_threads = ${String(plan.threads)} | ${this.#backend.llama.systemInfo}`,
    )
    try {
      const model = await LoadedModel.load(this.#backend, plan, signal)
      const seconds = ((performance.now() - startedAt) / 1000).toFixed(2)
      this.#log(slogLine('INFO', `llama-server started in ${seconds} seconds`))
      return model
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error)
      const message = signal.aborted
        ? 'client connection closed before llama-server finished loading, aborting load'
        : `llama-server process has terminated: ${why}`
      this.#log(slogLine('WARN', message))
      throw new HttpProblem(500, message)
    }
  }

  #plan(options: LoadOptions): LoadPlan {
    const { parallel, threads, flashAttention, kvCacheType } = this.#settings
    const cacheType = kvCacheType === 'q8_0' ? 'Q8_0' : kvCacheType === 'q4_0' ? 'Q4_0' : 'F16'
    return {
      file: this.#weightsFile,
      contextLength: options.numCtx,
      batchSize: options.numBatch,
      threads:
        options.numThread > 0
          ? options.numThread
          : (threads ?? defaultThreads(this.#backend.llama)),
      slots: parallel,
      shift: options.shift,
      useMmap: options.useMmap ?? true,
      flashAttention,
      kvCacheType: cacheType,
    }
  }

  /** Logs a request's figures in the format of llama.cpp's server. */
  #logResult(result: GenerationResult & { readonly slot: number }): void {
    const { promptTokens, cachedTokens, promptEvalMs, outputTokens, evalMs } = result
    this.#tasks += 1
    const start = (event: string): string =>
      `slot ${event}: id ${String(result.slot)} | task ${String(this.#tasks)} |`
    this.#log(`${start('update_slots')} cached n_tokens = ${String(cachedTokens)}`)
    const timing = (name: string, ms: number, tokens: number): string =>
      `${name} time = ${ms.toFixed(2)} ms / ${String(tokens)} tokens`
    this.#log(
      `${start('print_timing')} ${timing('prompt eval', promptEvalMs, promptTokens - cachedTokens)}, ${timing('eval', evalMs, outputTokens)}`,
    )
    this.#log(
      `${start('release')} stop processing: n_tokens = ${String(promptTokens + outputTokens)}, truncated = 0`,
    )
  }
}

async function startGrammar(
  model: LoadedModel,
  grammar: string,
): Promise<LlamaGrammarEvaluationState> {
  try {
    return await model.startGrammar(grammar)
  } catch {
    throw new HttpProblem(400, 'failed to parse grammar')
  }
}

/** The command line that Ollama would log. The path of the weights is left out, because it contains the user name. */
function commandLine(plan: LoadPlan, { numGpu }: LoadOptions): string {
  const total = plan.contextLength * plan.slots
  const flash = plan.flashAttention === 'auto' ? 'auto' : plan.flashAttention ? 'on' : 'off'
  const cache = plan.kvCacheType.toLowerCase()
  return [
    'llama-server --model exp-embedded.gguf',
    `-c ${String(total)} -np ${String(plan.slots)} -t ${String(plan.threads)} -b ${String(plan.batchSize)} -ub ${String(plan.batchSize)}`,
    `--flash-attn ${flash}`,
    ...(cache === 'f16' ? [] : [`--cache-type-k ${cache} --cache-type-v ${cache}`]),
    ...(numGpu < 0 ? [] : [`-ngl ${String(numGpu)}`]),
    ...(plan.useMmap ? [] : ['--load-mode none']),
    ...(plan.shift ? ['--context-shift --keep 4'] : []),
  ].join(' ')
}

export interface PromptLimits {
  /** Context of one slot, in tokens. */
  readonly contextLength: number
  /** `num_keep` plus one for the begin-of-sequence token. */
  readonly keep: number
  readonly truncate: boolean
  readonly shift: boolean
}

/**
 * Returns the prompt unchanged if it fits. Otherwise returns its first `keep` tokens and its last ones, so that
 * about half of the context stays free for the answer.
 * @throws HttpProblem 400 if it does not fit and must not be truncated
 */
export function truncatePrompt<T>(prompt: readonly T[], limits: PromptLimits): readonly T[] {
  const { contextLength, truncate, shift } = limits
  if (prompt.length < contextLength) return prompt
  if (!truncate) throw new HttpProblem(400, contextSizeError(prompt.length, contextLength))
  if (!shift)
    throw new HttpProblem(
      400,
      'the prompt is longer than the context length currently available to the model; shorten the prompt, adjust the context length in settings, or use a model with a longer context length',
    )
  const keep = Math.min(limits.keep < 0 ? prompt.length : limits.keep, contextLength - 1)
  const length = contextLength - Math.max(Math.floor((contextLength - keep) / 2), 1)
  return [...prompt.slice(0, keep), ...prompt.slice(prompt.length - (length - keep))]
}

/** The error body of llama.cpp's server, which Ollama passes on as text. */
const contextSizeError = (promptLength: number, contextLength: number): string =>
  JSON.stringify({
    error: {
      code: 400,
      message: `request (${String(promptLength)} tokens) exceeds the available context size (${String(contextLength)} tokens), try increasing it`,
      type: 'exceed_context_size_error',
      n_prompt_tokens: promptLength,
      n_ctx: contextLength,
    },
  })
