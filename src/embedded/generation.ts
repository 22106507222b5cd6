/** One answer to generate: its request and its result. */
import type { LlamaGrammarEvaluationState, Token } from 'node-llama-cpp'
import type { SamplingOptions } from './model-options.ts'

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
