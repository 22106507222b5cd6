/** The result of one request to generate an answer, with the time of each event. */

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

/** Fields that end in `At` are times in milliseconds on the client's clock. Durations are milliseconds, too. */
export interface Generation {
  readonly outcome: 'ok' | GenerationFailure
  readonly error?: string
  readonly httpStatus?: number
  readonly sentAt: number
  readonly firstByteAt?: number
  /** When the first line with non-empty thinking arrived. */
  readonly firstThinkingAt?: number
  /** When the first line with non-empty content arrived. */
  readonly firstContentAt?: number
  /** The longest time between two arrivals of bytes, after the first byte. */
  readonly longestGap?: number
  /** When the last byte arrived, or when the request failed. */
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
