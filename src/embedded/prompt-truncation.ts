/** Truncates a prompt that does not fit the context, as Ollama does since 0.30.9. */
import { HttpProblem } from './http-problem.ts'

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
