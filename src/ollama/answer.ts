/**
 * Reads one streamed answer line by line. Input: the lines, each with its time of arrival. Output: texts, figures
 * and times, or the first failure. This is the only place that converts nanoseconds to milliseconds.
 * Ollama omits zeros (`omitempty`), so a duration or count that is missing from the final line is 0.
 */
import { z } from 'zod'
import { parseJson } from '../json/json.ts'
import { cleanText } from './error-text.ts'
import type { GenerationFailure } from './generation.ts'

const nanoseconds = z.number().nonnegative().optional()
const count = z.int().nonnegative().optional()

const finalLine = z.object({
  total_duration: nanoseconds,
  load_duration: nanoseconds,
  prompt_eval_duration: nanoseconds,
  eval_duration: nanoseconds,
  prompt_eval_count: count,
  prompt_eval_cached_count: count,
  eval_count: count,
  done_reason: z.string().optional(),
})

/** The figures of the line with `done: true`. Durations are in milliseconds. */
export interface FinalFigures {
  readonly totalMs: number
  readonly loadMs: number
  readonly promptEvalMs: number
  readonly evalMs: number
  readonly promptTokens: number
  /** Undefined for servers that are too old to report it. */
  readonly cachedTokens: number | undefined
  readonly outputTokens: number
  readonly doneReason: string | undefined
}

function figuresOf(line: z.infer<typeof finalLine>): FinalFigures {
  return {
    totalMs: milliseconds(line.total_duration),
    loadMs: milliseconds(line.load_duration),
    promptEvalMs: milliseconds(line.prompt_eval_duration),
    evalMs: milliseconds(line.eval_duration),
    promptTokens: line.prompt_eval_count ?? 0,
    cachedTokens: line.prompt_eval_cached_count,
    outputTokens: line.eval_count ?? 0,
    doneReason: line.done_reason,
  }
}

function milliseconds(nanoseconds: number | undefined): number {
  return (nanoseconds ?? 0) / 1e6
}

export interface AnswerFailure {
  readonly outcome: GenerationFailure
  readonly error: string
}

export class Answer {
  thinking = ''
  content = ''
  firstThinkingAt: number | undefined
  firstContentAt: number | undefined
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
    if (this.final === undefined)
      return { outcome: 'incomplete', error: 'the stream ended without a line with `done: true`' }
    return this.final.outputTokens > 0
      ? undefined
      : { outcome: 'empty', error: 'the answer has no output token' }
  }

  #take(line: Readonly<Record<string, unknown>>, text: string, at: number): void {
    if (line['error'] !== undefined) {
      this.#fail('error-line', typeof line['error'] === 'string' ? line['error'] : text)
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
    if (done) this.#finish(line)
  }

  #append(thinking: unknown, content: unknown, at: number): void {
    if (typeof thinking === 'string' && thinking !== '') {
      this.firstThinkingAt ??= at
      this.thinking += thinking
    }
    if (typeof content === 'string' && content !== '') {
      this.firstContentAt ??= at
      this.content += content
    }
  }

  #finish(line: Readonly<Record<string, unknown>>): void {
    const figures = finalLine.safeParse(line)
    if (!figures.success) {
      const issue = figures.error.issues[0]
      this.#fail(
        'malformed',
        `\`${issue?.path.join('.') ?? ''}\` of the final line: ${issue?.message ?? ''}`,
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

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
