/** One answer to generate: what it asks for, and what became of it. */
import type { LlamaGrammarEvaluationState, Token } from 'node-llama-cpp'
import type { SamplingOptions } from './model-options.ts'

export interface GenerationRequest {
  /** At least one token, fewer than the slot holds. */
  readonly prompt: readonly Token[]
  readonly sampling: SamplingOptions
  /** Where the grammar of the answer stands; undefined for free text. */
  readonly grammarState: LlamaGrammarEvaluationState | undefined
  /** Called for each token of the answer but the end-of-turn token. */
  readonly onToken: (token: Token) => TokenVerdict
  readonly signal: AbortSignal
}

/** `repeating`: the answer is given up, as Ollama gives up one that repeats a token for ever. */
export type TokenVerdict = 'go-on' | 'stop' | 'repeating'

export type DoneReason = 'stop' | 'length' | 'repeating' | 'cancelled'

export interface GenerationResult {
  readonly doneReason: DoneReason
  readonly promptTokens: number
  /** Tokens of the prompt that the slot still held from an earlier request. */
  readonly cachedTokens: number
  /** From the slot's first work on the prompt to the first sampled token. */
  readonly promptEvalMs: number
  /** Sampled tokens, the end-of-turn token included. */
  readonly outputTokens: number
  /** From the first sampled token to the last. */
  readonly evalMs: number
}
