/**
 * A slot: one sequence of the shared context, and the request that it works on. The sequence keeps the tokens
 * of its last request, so a request that begins with the same tokens evaluates only the others.
 */
import type {
  LlamaContextSequence,
  SequenceEvaluateOptions,
  Token,
  LlamaGrammarEvaluationState,
} from 'node-llama-cpp'
import type { SamplingOptions } from './model-options.ts'

interface Work {
  readonly request: GenerationRequest
  readonly finish: (result: GenerationResult) => void
  readonly fail: (error: unknown) => void
  /** Prompt tokens that are not evaluated yet; undefined until the slot is prepared. */
  remainingPrompt: readonly Token[] | undefined
  cachedTokens: number
  tokens: AsyncGenerator<Token, void> | undefined
  outputTokens: number
  readonly recent: Token[]
  startedAt: number
  firstTokenAt: number
  lastTokenAt: number
}

export class Slot {
  readonly id: number
  /** When the slot finished its last request, by `performance.now()`; 0 before the first one. */
  usedAt = 0
  readonly #sequence: LlamaContextSequence
  /** If true, a full context drops its oldest half and generation continues. */
  readonly #shift: boolean
  #work: Work | undefined

  constructor(id: number, sequence: LlamaContextSequence, shift: boolean) {
    this.id = id
    this.#sequence = sequence
    this.#shift = shift
  }

  get isFree(): boolean {
    return this.#work === undefined
  }

  /** Tokens that this slot can add to the next batch: 1 while it decodes, otherwise the rest of the prompt. */
  get tokensLeft(): number {
    if (this.#work === undefined) return 0
    return this.#work.tokens === undefined ? (this.#work.remainingPrompt?.length ?? 0) : 1
  }

  get isDecoding(): boolean {
    return this.#work?.tokens !== undefined
  }

  /**
   * Counts the leading tokens of the prompt that the slot already holds, at most all but one: one must be evaluated.
   */
  countCached(prompt: readonly Token[]): number {
    const { firstDifferentIndex } = this.#sequence.compareContextTokens([...prompt])
    return Math.min(firstDifferentIndex, prompt.length - 1)
  }

  /** Accepts the request; `prepare` and `step` do the work. If the request is cancelled, the promise resolves too. */
  start(request: GenerationRequest): Promise<GenerationResult> {
    return new Promise((finish, fail) => {
      this.#work = {
        request,
        finish,
        fail,
        remainingPrompt: undefined,
        cachedTokens: 0,
        tokens: undefined,
        outputTokens: 0,
        recent: [],
        startedAt: 0,
        firstTokenAt: 0,
        lastTokenAt: 0,
      }
    })
  }

  /** Called before each batch: ends a cancelled request, and prepares the sequence for a new one. */
  async prepare(): Promise<void> {
    const work = this.#work
    if (work === undefined) return
    try {
      if (work.request.signal.aborted) await this.#end(work, 'cancelled')
      else if (work.remainingPrompt === undefined) await this.#reuseCachedPrefix(work)
    } catch (error) {
      this.#release()
      work.fail(error)
    }
  }

  async #reuseCachedPrefix(work: Work): Promise<void> {
    const { prompt } = work.request
    work.startedAt = performance.now()
    work.cachedTokens = this.countCached(prompt)
    const end = this.#sequence.nextTokenIndex
    if (work.cachedTokens < end)
      await this.#sequence.eraseContextTokenRanges([{ start: work.cachedTokens, end }])
    work.cachedTokens = Math.min(work.cachedTokens, this.#sequence.nextTokenIndex)
    work.remainingPrompt = prompt.slice(work.cachedTokens)
  }

  /** Evaluates `count` tokens, at most `tokensLeft`. With the last prompt token, the first answer token is sampled. */
  async step(count: number): Promise<void> {
    const work = this.#work
    if (work === undefined || count === 0) return
    try {
      if (work.tokens === undefined) await this.#evaluatePrompt(work, count)
      else await this.#sample(work, work.tokens)
    } catch (error) {
      this.#release()
      work.fail(error)
    }
  }

  async #evaluatePrompt(work: Work, count: number): Promise<void> {
    const pending = work.remainingPrompt ?? []
    const part = pending.slice(0, count)
    work.remainingPrompt = pending.slice(count)
    if (work.remainingPrompt.length > 0)
      return this.#sequence.evaluateWithoutGeneratingNewTokens(part)
    work.tokens = this.#sequence.evaluate(part, this.#evaluateOptions(work))
    await this.#sample(work, work.tokens)
  }

  async #sample(work: Work, tokens: AsyncGenerator<Token, void>): Promise<void> {
    const { value: token } = await tokens.next()
    const { sampling, onToken } = work.request
    if (token === undefined) return this.#end(work, 'length')
    work.outputTokens += 1
    work.lastTokenAt = performance.now()
    if (work.outputTokens === 1) work.firstTokenAt = work.lastTokenAt
    if (this.#sequence.model.isEogToken(token)) return this.#end(work, 'stop')
    work.recent.push(token)
    const verdict = onToken(token)
    if (verdict !== 'continue') return this.#end(work, verdict)
    const isFull = !this.#shift && this.#sequence.nextTokenIndex + 1 >= this.#sequence.contextSize
    if (work.outputTokens >= this.#outputLimit(sampling.numPredict) || isFull)
      return this.#end(work, 'length')
  }

  async #end(work: Work, doneReason: DoneReason): Promise<void> {
    await work.tokens?.return()
    this.#release()
    work.finish({
      doneReason,
      promptTokens: work.request.prompt.length,
      cachedTokens: work.cachedTokens,
      promptEvalMs: work.outputTokens === 0 ? 0 : work.firstTokenAt - work.startedAt,
      outputTokens: work.outputTokens,
      evalMs: work.lastTokenAt - work.firstTokenAt,
    })
  }

  #release(): void {
    this.#work = undefined
    this.usedAt = performance.now()
  }

  /** Ollama limits every answer to ten times the context. */
  #outputLimit(numPredict: number): number {
    const longest = 10 * this.#sequence.contextSize
    return numPredict < 0 ? longest : Math.min(numPredict, longest)
  }

  #evaluateOptions({ request: { sampling, grammarState }, recent }: Work): SequenceEvaluateOptions {
    const { seed, repeatLastN, repeatPenalty, presencePenalty, frequencyPenalty } = sampling
    const isPenalized = repeatPenalty !== 1 || presencePenalty !== 0 || frequencyPenalty !== 0
    const penaltyWindow = repeatLastN < 0 ? this.#sequence.contextSize : repeatLastN
    return {
      temperature: sampling.temperature,
      topK: sampling.topK,
      topP: sampling.topP,
      minP: sampling.minP,
      seed: seed < 0 ? Math.floor(Math.random() * 2 ** 32) : seed,
      yieldEogToken: true,
      contextShift: { strategy: ({ sequence }) => [oldestHalf(sequence, sampling.numKeep)] },
      ...(grammarState && { grammarEvaluationState: grammarState }),
      ...(isPenalized && {
        repeatPenalty: {
          punishTokens: () => (penaltyWindow === 0 ? [] : recent.slice(-penaltyWindow)),
          maxPunishTokens: penaltyWindow,
          penalty: repeatPenalty,
          presencePenalty,
          frequencyPenalty,
        },
      }),
    }
  }
}

/** The range that a full context drops: the older half of all tokens after the first `keep`. */
function oldestHalf(sequence: LlamaContextSequence, keep: number): { start: number; end: number } {
  const length = sequence.nextTokenIndex
  const start = keep < 0 ? 0 : Math.min(keep, length - 2)
  return { start, end: start + Math.max(1, Math.floor((length - start) / 2)) }
}

export interface GenerationRequest {
  /** At least one token, and fewer than the slot's context. */
  readonly prompt: readonly Token[]
  readonly sampling: SamplingOptions
  /** The current state of the answer's grammar; undefined for free text. */
  readonly grammarState: LlamaGrammarEvaluationState | undefined
  /** Called for each token of the answer except the end-of-turn token. */
  readonly onToken: (token: Token) => TokenVerdict
  readonly signal: AbortSignal
}

/** `repeating`: one token repeats endlessly, so the answer is aborted, as in Ollama. */
export type TokenVerdict = 'continue' | 'stop' | 'repeating'

export type DoneReason = 'stop' | 'length' | 'repeating' | 'cancelled'

export interface GenerationResult {
  readonly doneReason: DoneReason
  readonly promptTokens: number
  /** Tokens of the prompt that the slot still holds from an earlier request. */
  readonly cachedTokens: number
  /** From the slot's first work on the prompt to the first sampled token. */
  readonly promptEvalMs: number
  /** Sampled tokens, the end-of-turn token included. */
  readonly outputTokens: number
  /** From the first sampled token to the last. */
  readonly evalMs: number
}
