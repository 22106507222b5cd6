/**
 * Reads one streamed answer line by line. Input: the lines, each with its time of arrival. Output: texts, figures and
 * times, or the first failure. This is the only place that converts nanoseconds to milliseconds. Ollama omits zeros
 * (`omitempty`), so a duration or count that is missing from the final line is 0. If it cannot be 0, it is not known.
 */
import { z } from 'zod'
import { limits } from '../errors/limits.ts'
import { parseJson } from '../json/json.ts'
import { cleanText } from './error-text.ts'
import type { GenerationFailure } from './generation.ts'

/** Ollama's durations are integers of 64 bits; sums and squares of larger numbers need not be finite. */
const maxNanoseconds = 2 ** 63
export const nanoseconds = z
  .number('is not a number')
  .nonnegative('is negative')
  .max(maxNanoseconds, 'is longer than a duration can be')
  .nullish()
const count = z.int('is not a whole number').nonnegative('is negative').nullish()

const finalLine = z.object({
  total_duration: nanoseconds,
  load_duration: nanoseconds,
  prompt_eval_duration: nanoseconds,
  eval_duration: nanoseconds,
  prompt_eval_count: count,
  prompt_eval_cached_count: count,
  eval_count: count,
  done_reason: z.string('is not text').nullish(),
})

/** The figures of the line with `done: true`. Durations are in milliseconds. Undefined means not known. */
export interface FinalFigures {
  readonly totalMs: number | undefined
  readonly loadMs: number | undefined
  readonly promptEvalMs: number | undefined
  readonly evalMs: number | undefined
  readonly promptTokens: number | undefined
  /** Undefined for servers that are too old to report it. */
  readonly cachedTokens: number | undefined
  /** Undefined for embeddings, which have no output tokens. */
  readonly outputTokens: number | undefined
  readonly doneReason: string | undefined
}

function figuresOf(line: z.infer<typeof finalLine>): FinalFigures {
  const outputTokens = line.eval_count ?? 0
  const promptTokens = positive(line.prompt_eval_count)
  const totalMs = positive(milliseconds(line.total_duration))
  // Without a total, for example from a proxy that leaves out durations, a missing part is not known rather than 0.
  const part = (duration: number | null | undefined) =>
    totalMs === undefined ? positive(milliseconds(duration)) : milliseconds(duration)
  const [prefill, decode] = [part(line.prompt_eval_duration), part(line.eval_duration)]
  return {
    totalMs,
    loadMs: part(line.load_duration),
    promptEvalMs: promptTokens === undefined ? prefill : positive(prefill),
    // For a single token, 0 is possible: its time may be part of the prefill.
    evalMs: outputTokens > 1 ? positive(decode) : decode,
    promptTokens,
    cachedTokens: line.prompt_eval_cached_count ?? undefined,
    outputTokens,
    doneReason: line.done_reason ?? undefined,
  }
}

function milliseconds(nanoseconds: number | null | undefined): number {
  return (nanoseconds ?? 0) / 1e6
}

function positive(value: number | null | undefined): number | undefined {
  return (value ?? 0) > 0 ? (value ?? undefined) : undefined
}

/** Ollama ends an answer without a final line once a token has repeated 30 times (`llm/server.go`). */
const maxRepeats = 30

export interface AnswerFailure {
  readonly outcome: GenerationFailure
  readonly error: string
}

export class Answer {
  thinking = ''
  content = ''
  firstThinkingAt: number | undefined
  firstContentAt: number | undefined
  /** The times between two arrivals that carried tokens, in ms. Lines that arrive together are one arrival. */
  readonly tokenGaps: number[] = []
  #lastTokenAt: number | undefined
  #lastToken = ''
  /** How often the last token repeats the one before it. */
  #repeats = 0
  /** Set when the line with `done: true` was read. */
  final: FinalFigures | undefined
  remoteHost: string | undefined
  /** The first failure. Lines after it are ignored. */
  failure: AnswerFailure | undefined

  /**
   * Reads one line. Ignores empty lines, and all lines after the final line or a failure.
   * @param at when the line's last byte arrived
   */
  read(line: string, at: number): void {
    if (this.final !== undefined || this.failure !== undefined || line === '') return
    const value = parseJson(line)
    if (isRecord(value)) this.#take(value, line, at)
    else if (line.trim() !== '') this.#fail('malformed', `not a JSON object: ${line}`)
  }

  /** The failure of the answer, or undefined if it succeeded. Call it when the stream has ended. */
  conclude(): AnswerFailure | undefined {
    if (this.failure !== undefined) return this.failure
    if (this.final === undefined) {
      const end = 'the stream ended without a line with `done: true`'
      const error =
        this.#repeats < maxRepeats
          ? end
          : `the model repeated one token, after which Ollama ends an answer: ${end}`
      return { outcome: 'incomplete', error }
    }
    if ((this.final.outputTokens ?? 0) > 0) return undefined
    return this.content === '' && this.thinking === ''
      ? { outcome: 'empty', error: 'the answer has no output token' }
      : {
          outcome: 'malformed',
          error: 'the answer has text, but the final line does not count its tokens (`eval_count`)',
        }
  }

  #take(line: Readonly<Record<string, unknown>>, text: string, at: number): void {
    if (line['error'] !== undefined) {
      this.#fail('error-line', textOfError(line['error'], text))
      return
    }
    // This runs for every token, so it does not use a schema. Only the final line is checked by one.
    const { done, message } = line
    if (typeof done !== 'boolean') {
      this.#fail('malformed', `a line without \`done\`: ${text}`)
      return
    }
    if (isRecord(message)) this.#append(message['thinking'], message['content'], at)
    else this.#append(line['thinking'], line['response'], at)
    const { max } = limits.answer
    if (this.thinking.length + this.content.length > max)
      this.#fail('malformed', `the answer is longer than ${max} characters`)
    else if (done) this.#finish(line)
  }

  #append(thinking: unknown, content: unknown, at: number): void {
    if (typeof thinking === 'string' && thinking !== '') {
      this.firstThinkingAt ??= at
      this.thinking += thinking
      this.#noteToken(thinking, at)
    }
    if (typeof content === 'string' && content !== '') {
      this.firstContentAt ??= at
      this.content += content
      this.#noteToken(content, at)
    }
  }

  #noteToken(token: string, at: number): void {
    const trimmed = token.trim()
    this.#repeats = trimmed === this.#lastToken ? this.#repeats + 1 : 0
    this.#lastToken = trimmed
    if (this.#lastTokenAt !== undefined && at > this.#lastTokenAt)
      this.tokenGaps.push(at - this.#lastTokenAt)
    this.#lastTokenAt = at
  }

  #finish(line: Readonly<Record<string, unknown>>): void {
    const figures = finalLine.safeParse(line)
    if (!figures.success) {
      const issue = figures.error.issues[0]
      this.#fail(
        'malformed',
        `\`${issue?.path.join('.') ?? ''}\` of the final line ${issue?.message ?? ''}`,
      )
      return
    }
    this.final = figuresOf(figures.data)
    if (typeof line['remote_host'] === 'string') this.remoteHost = cleanText(line['remote_host'])
  }

  #fail(outcome: GenerationFailure, error: string): void {
    this.failure = { outcome, error: cleanText(error) }
  }
}

/**
 * The text of an error that a server sent.
 * @param line the text of its line, for an error that is neither text nor an object with a message
 */
export function textOfError(error: unknown, line?: string): string {
  if (typeof error === 'string') return error
  if (isRecord(error) && typeof error['message'] === 'string') return error['message']
  return line ?? JSON.stringify(error)
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
