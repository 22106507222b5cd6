/**
 * Reads the answer of `/api/embed`: one JSON object with a vector for each input, and the server's figures. The vectors
 * are counted, not kept: no check applies to an answer without text.
 */
import { z } from 'zod'
import { limits } from '../errors/limits.ts'
import { parseJson } from '../json/json.ts'
import { nanoseconds, textOfError, type AnswerFailure, type FinalFigures } from './answer.ts'
import { cleanText } from './error-text.ts'

const count = z.int('is not a whole number').nonnegative('is negative').nullish()

const embedResponse = z.object({
  embeddings: z.array(z.array(z.unknown()).min(1, 'has an empty vector')),
  total_duration: nanoseconds,
  load_duration: nanoseconds,
  prompt_eval_count: count,
  remote_host: z.string().nullish(),
})

/** Has the same fields as `Answer`; the fields about text stay empty. */
export class EmbeddingAnswer {
  readonly thinking = ''
  readonly content = ''
  readonly firstThinkingAt = undefined
  readonly firstContentAt = undefined
  readonly tokenGaps: readonly number[] = []
  final: FinalFigures | undefined
  remoteHost: string | undefined
  failure: AnswerFailure | undefined
  readonly #inputCount: number
  #text = ''

  /** @param inputCount how many vectors the answer must have */
  constructor(inputCount: number) {
    this.#inputCount = inputCount
  }

  /** Reads one line. Ollama writes the object on one line; other servers may spread it over several. */
  read(line: string): void {
    if (this.failure !== undefined) return
    this.#text += line
    const { max } = limits.streamLine
    if (this.#text.length > max) this.#fail('malformed', `the answer is longer than ${max} bytes`)
  }

  /** The failure of the answer, or undefined if it succeeded. Call it when the response has ended. */
  conclude(): AnswerFailure | undefined {
    if (this.failure === undefined && this.final === undefined) this.#parse()
    return this.failure
  }

  #parse(): void {
    if (this.#text.trim() === '') {
      this.#fail('incomplete', 'the response has no body')
      return
    }
    const value = parseJson(this.#text)
    this.#text = ''
    const error = errorIn(value)
    const found = embeddingsIn(value)
    if (error !== undefined) this.#fail('error-line', error)
    // Checked before the vectors, because the schema would report a problem for each wrong vector.
    else if (found !== undefined && found !== this.#inputCount)
      this.#fail('malformed', `${found} embeddings for ${this.#inputCount} inputs`)
    else this.#check(value)
  }

  #check(value: unknown): void {
    const parsed = embedResponse.safeParse(value)
    if (parsed.success) this.#finish(parsed.data)
    else {
      const [issue] = parsed.error.issues
      this.#fail('malformed', `\`${issue?.path.join('.') ?? ''}\` ${issue?.message ?? ''}`)
    }
  }

  #finish({ remote_host: host, ...figures }: z.infer<typeof embedResponse>): void {
    if (typeof host === 'string') this.remoteHost = cleanText(host)
    this.final = {
      totalMs: positiveMs(figures.total_duration),
      loadMs:
        positiveMs(figures.total_duration) === undefined
          ? positiveMs(figures.load_duration)
          : (figures.load_duration ?? 0) / 1e6,
      promptEvalMs: undefined,
      evalMs: undefined,
      promptTokens:
        (figures.prompt_eval_count ?? 0) > 0 ? (figures.prompt_eval_count ?? 0) : undefined,
      cachedTokens: undefined,
      outputTokens: undefined,
      doneReason: undefined,
    }
  }

  #fail(outcome: AnswerFailure['outcome'], error: string): void {
    this.failure = { outcome, error: cleanText(error) }
  }
}

function positiveMs(duration: number | null | undefined): number | undefined {
  return (duration ?? 0) > 0 ? (duration ?? 0) / 1e6 : undefined
}

function errorIn(value: unknown): string | undefined {
  return typeof value === 'object' && value !== null && 'error' in value
    ? textOfError(value.error)
    : undefined
}

/** How many embeddings the answer has; undefined if it has no list of them. */
function embeddingsIn(value: unknown): number | undefined {
  return typeof value === 'object' &&
    value !== null &&
    'embeddings' in value &&
    Array.isArray(value.embeddings)
    ? value.embeddings.length
    : undefined
}
