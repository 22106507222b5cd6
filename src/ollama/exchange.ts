/**
 * One generation request on the network: turns undici's callbacks into a `Generation`. undici may call back several
 * times for one read from the socket. Together these calls are one arrival, at the time at which its bytes were read.
 * The bytes of an arrival are decoded before the next one. If decoding is slow, the server waits, and no more than the
 * socket's buffer queues up in memory.
 */
import type { IncomingHttpHeaders } from 'node:http'
import { errors } from 'undici'
import type { Dispatcher } from 'undici'
import { beyond, limits, minChunkBytes } from '../errors/limits.ts'
import type { Answer } from './answer.ts'
import type { EmbeddingAnswer } from './embedding-answer.ts'
import type { AnswerFailure, FinalFigures } from './answer.ts'
import { LineDecoder, LineTooLong } from './decoder.ts'
import { cleanText, errorOfBody, isWebPage } from './error-text.ts'
import type { Generation, GenerationFailure } from './generation.ts'
import type { Wire } from './wire.ts'

/** Once this many characters of an error response are kept, further chunks of its body are ignored. */
const maxErrorBody = 16 * 1024

type Mutable<T> = { -readonly [Key in keyof T]: T[Key] }

export class Exchange implements Dispatcher.DispatchHandler {
  /** When the request was prepared, before it was sent. */
  readonly #preparedAt: number
  readonly #wire: Wire
  readonly #now: () => number
  readonly #onSettled: (generation: Generation, isConnectionReusable: boolean) => void
  readonly #answer: Answer | EmbeddingAnswer
  readonly #lines: LineDecoder
  #settled = false
  /** True once the request was written to a connection. */
  #written = false
  #status: number | undefined
  #contentType: string | undefined
  #encoding: string | undefined
  #location: string | undefined
  #errorBody = ''
  /** The number of interim responses: those with a status below 200. */
  #interimResponses = 0
  #bytes = 0
  /** The chunks of the current arrival. */
  #chunks: Buffer[] = []
  #firstByteAt: number | undefined
  #lastByteAt = 0
  #longestGap = 0
  #lastReadDelayMs = 0
  #firstTokenReadDelayMs: number | undefined

  /**
   * @param answer reads the lines of the response
   * @param onSettled called once, with the result and whether the connection can be used again
   */
  constructor(
    answer: Answer | EmbeddingAnswer,
    wire: Wire,
    now: () => number,
    onSettled: (generation: Generation, isConnectionReusable: boolean) => void,
  ) {
    this.#answer = answer
    this.#wire = wire
    this.#now = now
    this.#onSettled = onSettled
    this.#lines = new LineDecoder(
      (line) => this.#answer.read(withoutByteOrderMark(line), this.#lastByteAt),
      limits.streamLine.max,
    )
    this.#preparedAt = now()
  }

  onRequestStart(): void {
    this.#written = true
    this.#wire.begin(() => this.#takeChunks())
  }

  onResponseStart(
    _controller: Dispatcher.DispatchController,
    statusCode: number,
    headers: IncomingHttpHeaders,
  ): void {
    if (statusCode < 200) {
      this.#interimResponses += 1
      if (this.#interimResponses > limits.interimResponses.max)
        this.fail(
          'malformed',
          `the server sends ${beyond(limits.interimResponses, this.#interimResponses)}`,
        )
      return
    }
    this.#status = statusCode
    this.#contentType = headers['content-type']
    this.#location = headers.location
    const encoding = headers['content-encoding']
    if (encoding !== undefined && encoding !== 'identity') this.#encoding = encoding
    this.#noteArrival()
  }

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Buffer): void {
    if (this.#settled) return
    this.#noteArrival()
    this.#bytes += Math.max(chunk.length, minChunkBytes)
    this.#chunks.push(chunk)
  }

  onResponseEnd(): void {
    this.#noteArrival()
    this.#takeChunks()
    if (this.#settled) return
    this.#lines.end()
    this.#conclude(true)
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    const code = errorCode(error)
    const text =
      code === undefined || error.message.includes(code)
        ? error.message
        : `${error.message} (${code})`
    if (error instanceof errors.HTTPParserError) this.fail('malformed', text)
    else this.fail(this.#written ? 'reset' : 'refused', text)
  }

  /** Settles with this failure, unless the bytes received so far already determine the result. */
  fail(outcome: GenerationFailure, error: string): void {
    if (this.#written) this.#wire.deliver()
    this.#takeChunks()
    if (this.#settled) return
    const answer = this.#answer
    const hasServerError = this.#isSuccess()
      ? answer.failure !== undefined
      : this.#status !== undefined
    const isKnown = answer.final !== undefined || (outcome === 'reset' && hasServerError)
    if (isKnown) this.#conclude(false)
    else this.#settle(this.#now(), { outcome, error: cleanText(error) }, false)
  }

  #noteArrival(): void {
    const at = this.#wire.arrivedAt
    if (this.#firstByteAt === undefined) this.#firstByteAt = at
    else if (at - this.#lastByteAt > this.#longestGap) this.#longestGap = at - this.#lastByteAt
    this.#lastByteAt = at
    this.#lastReadDelayMs = this.#wire.readDelayMs
  }

  #takeChunks(): void {
    if (this.#chunks.length === 0 || this.#settled) return
    const [first] = this.#chunks
    const bytes =
      this.#chunks.length === 1 && first !== undefined ? first : Buffer.concat(this.#chunks)
    this.#chunks = []
    const { max } = limits.stream
    if (this.#isSuccess()) this.#decode(bytes)
    else if (this.#errorBody.length < maxErrorBody) this.#errorBody += bytes.toString('utf8')
    if (this.#bytes > max) this.fail('malformed', `the answer is longer than ${max} bytes`)
  }

  #decode(bytes: Buffer): void {
    try {
      this.#lines.push(bytes)
    } catch (error) {
      if (!(error instanceof LineTooLong)) throw error
      this.fail('malformed', error.message)
      return
    }
    if ((this.#answer.firstThinkingAt ?? this.#answer.firstContentAt) !== undefined)
      this.#firstTokenReadDelayMs ??= this.#lastReadDelayMs
    // Hang up on a server that does not speak the protocol.
    if (this.#answer.failure?.outcome === 'malformed') this.#conclude(false)
  }

  #isSuccess(): boolean {
    return this.#status !== undefined && this.#status >= 200 && this.#status < 300
  }

  #conclude(isConnectionReusable: boolean): void {
    const failure = this.#isSuccess() ? this.#answerFailure() : this.#httpFailure()
    this.#settle(this.#lastByteAt, failure, isConnectionReusable)
  }

  #answerFailure(): AnswerFailure | undefined {
    const failure = this.#answer.conclude()
    if (failure?.outcome === 'malformed' && this.#encoding !== undefined)
      return {
        outcome: 'malformed',
        error: cleanText(`the answer is compressed (${this.#encoding}), which was not asked for`),
      }
    return failure?.outcome === 'malformed' && isWebPage(this.#contentType, '')
      ? { outcome: 'malformed', error: 'the answer is a web page, not a stream of Ollama' }
      : failure
  }

  #httpFailure(): AnswerFailure {
    const error =
      this.#location === undefined
        ? (errorOfBody(this.#errorBody) ?? this.#bodyText())
        : `redirects to ${this.#location}`
    return { outcome: 'http-error', error: cleanText(error) }
  }

  #bodyText(): string {
    if (this.#encoding !== undefined) return `an answer compressed by ${this.#encoding}`
    return isWebPage(this.#contentType, this.#errorBody) ? 'a web page' : this.#errorBody
  }

  #settle(
    endedAt: number,
    failure: AnswerFailure | undefined,
    isConnectionReusable: boolean,
  ): void {
    this.#settled = true
    if (this.#written) this.#wire.end()
    const answer = this.#answer
    const generation: Mutable<Generation> = {
      outcome: failure?.outcome ?? 'ok',
      sentAt: this.#written ? this.#wire.sentAt : this.#preparedAt,
      endedAt,
      thinking: answer.thinking,
      content: answer.content,
    }
    if (failure !== undefined && failure.error !== '') generation.error = failure.error
    if (this.#status !== undefined) generation.httpStatus = this.#status
    if (this.#firstByteAt !== undefined) {
      generation.firstByteAt = this.#firstByteAt
      generation.longestGap = this.#longestGap
    }
    if (answer.firstThinkingAt !== undefined) generation.firstThinkingAt = answer.firstThinkingAt
    if (answer.firstContentAt !== undefined) generation.firstContentAt = answer.firstContentAt
    if (this.#firstTokenReadDelayMs !== undefined)
      generation.readDelays = {
        firstToken: this.#firstTokenReadDelayMs,
        last: this.#lastReadDelayMs,
      }
    if (answer.tokenGaps.length > 0) generation.tokenGaps = answer.tokenGaps
    if (answer.remoteHost !== undefined) generation.remoteHost = answer.remoteHost
    if (answer.final !== undefined) addFigures(generation, answer.final)
    this.#onSettled(generation, isConnectionReusable)
  }
}

function withoutByteOrderMark(line: string): string {
  return line.startsWith('\ufeff') ? line.slice(1) : line
}

function addFigures(generation: Mutable<Generation>, final: FinalFigures): void {
  for (const [name, value] of Object.entries<unknown>({ ...final }))
    if (value !== undefined) Object.assign(generation, { [name]: value })
}

/** The code of a system or undici error, if it has one. */
export function errorCode(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string'
    ? error.code
    : undefined
}
