/**
 * Splits a stream of bytes into lines of text. Chunks may be cut anywhere, even inside a UTF-8 sequence, because a line
 * is decoded only when its last byte has arrived.
 */

const newline = 0x0a

/** Thrown for a line that is longer than the decoder's limit. */
export class LineTooLong extends Error {
  constructor(limit: number) {
    super(`a line is longer than ${limit} bytes`)
    this.name = 'LineTooLong'
  }
}

export class LineDecoder {
  /** The bytes of the incomplete line so far. */
  #pending: Buffer[] = []
  #pendingBytes = 0
  readonly #limit: number
  readonly #onLine: (line: string) => void

  /**
   * @param onLine called with each line, without its line break; lines may be empty
   * @param limit the maximum size of an incomplete line, in bytes
   */
  constructor(onLine: (line: string) => void, limit: number) {
    this.#onLine = onLine
    this.#limit = limit
  }

  /** Emits the lines that this chunk completes. Throws `LineTooLong`, and any error of `onLine`. */
  push(chunk: Buffer): void {
    const lastBreak = chunk.lastIndexOf(newline)
    if (lastBreak !== -1) this.#emitLines(this.#decodeAfterPending(chunk.subarray(0, lastBreak)))
    this.#keepIncompleteLine(chunk.subarray(lastBreak + 1))
  }

  /** Emits the last line if it has no line break. */
  end(): void {
    if (this.#pendingBytes > 0) this.#onLine(this.#decodeAfterPending(Buffer.alloc(0)))
  }

  /** Decodes many lines in one call, because the cost of decoding is mostly per call. */
  #emitLines(text: string): void {
    let start = 0
    for (let end = text.indexOf('\n'); end !== -1; end = text.indexOf('\n', start)) {
      this.#onLine(text.slice(start, end))
      start = end + 1
    }
    this.#onLine(text.slice(start))
  }

  /** Decodes the pending bytes followed by `last`, and forgets the pending bytes. */
  #decodeAfterPending(last: Buffer): string {
    if (this.#pendingBytes === 0) return last.toString('utf8')
    this.#pending.push(last)
    const bytes = Buffer.concat(this.#pending)
    this.#pending = []
    this.#pendingBytes = 0
    return bytes.toString('utf8')
  }

  #keepIncompleteLine(bytes: Buffer): void {
    if (bytes.length === 0) return
    this.#pendingBytes += bytes.length
    if (this.#pendingBytes > this.#limit) throw new LineTooLong(this.#limit)
    // A copy, so that a few bytes do not keep the whole read buffer in memory.
    this.#pending.push(Buffer.from(bytes))
  }
}
