/**
 * The lines of one streamed answer, read as they come. Nanoseconds become milliseconds here and nowhere
 * else. Zero is absent in what Ollama sends (`omitempty`), so a duration or count that is missing from the
 * final line is 0.
 */
import { z } from 'zod'
import type { GenerationFailure } from './generation.ts'
import { cleanText, parseJson } from './error-text.ts'

const nanosecondsPerMs = 1e6
const nanoseconds = z
  .number()
  .nonnegative()
  .default(0)
  .transform((value) => value / nanosecondsPerMs)
const count = z.int().nonnegative()

const finalLine = z
  .object({
    total_duration: nanoseconds,
    load_duration: nanoseconds,
    prompt_eval_duration: nanoseconds,
    eval_duration: nanoseconds,
    prompt_eval_count: count.default(0),
    prompt_eval_cached_count: count.optional(),
    eval_count: count.default(0),
    done_reason: z.string().optional(),
  })
  .transform((line) => ({
    totalMs: line.total_duration,
    loadMs: line.load_duration,
    promptEvalMs: line.prompt_eval_duration,
    evalMs: line.eval_duration,
    promptTokens: line.prompt_eval_count,
    cachedTokens: line.prompt_eval_cached_count,
    outputTokens: line.eval_count,
    doneReason: line.done_reason,
  }))

/** What the line with `done: true` says; durations in milliseconds. */
export type FinalFigures = Readonly<z.infer<typeof finalLine>>

export interface AnswerFailure {
  readonly outcome: GenerationFailure
  readonly error: string
}

export class Answer {
  thinking = ''
  content = ''
  firstThinkingAt: number | undefined
  firstContentAt: number | undefined
  /** There once the line with `done: true` was read. */
  final: FinalFigures | undefined
  remoteHost: string | undefined
  /** The first thing that went wrong; what follows it is not read. */
  failure: AnswerFailure | undefined

  /**
   * Reads one line; an empty one says nothing, nor does what follows the final line or a failure.
   * @param at when its last byte arrived
   */
  read(line: string, at: number): void {
    if (this.final !== undefined || this.failure !== undefined || line === '') return
    const value = parseJson(line)
    if (isRecord(value)) this.#take(value, line, at)
    else if (line.trim() !== '') this.#fail('malformed', `not a JSON object: ${line}`)
  }

  /** What came of it, when the stream is over. */
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
    // Written out by hand: this runs for every token. The final line goes through the schema.
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
    this.final = figures.data
    if (typeof line['remote_host'] === 'string') this.remoteHost = cleanText(line['remote_host'])
  }

  #fail(outcome: GenerationFailure, error: string): void {
    this.failure = { outcome, error: cleanText(error) }
  }
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
