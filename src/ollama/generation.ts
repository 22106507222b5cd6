/** What one request to a server turned out to be, with the time of everything that happened on its way. */

/** A request ready to be sent: bytes prepared before the clock starts. */
export interface PreparedRequest {
  /** `/api/chat` or `/api/generate`. */
  readonly path: string
  readonly body: Uint8Array
}

export type GenerationFailure =
  | 'cancelled'
  | 'timeout'
  | 'refused'
  | 'reset'
  | 'http-error'
  | 'error-line'
  | 'incomplete'
  | 'malformed'
  | 'empty'

/** Times in milliseconds on the clock that was passed in; durations of the server in milliseconds. */
export interface Generation {
  readonly outcome: 'ok' | GenerationFailure
  readonly error?: string
  readonly httpStatus?: number
  readonly sentAt: number
  readonly firstByteAt?: number
  /** First line with thinking that is not empty. */
  readonly firstThinkingAt?: number
  /** First line with content that is not empty. */
  readonly firstContentAt?: number
  /** The longest silence between two arrivals of bytes, from the first byte on. */
  readonly longestGap?: number
  /** Last byte, or the moment of failure. */
  readonly endedAt: number
  readonly thinking: string
  readonly content: string
  readonly promptTokens?: number
  readonly cachedTokens?: number
  readonly outputTokens?: number
  readonly totalMs?: number
  readonly loadMs?: number
  readonly promptEvalMs?: number
  readonly evalMs?: number
  readonly doneReason?: string
  readonly remoteHost?: string
}
