/**
 * Bytes to lines. Chunks may be split anywhere, also inside a UTF-8 sequence; each line is decoded once,
 * when its last byte is there.
 */

const newline = 0x0a

/** A line that has not ended after as many bytes as the decoder was told to hold. */
export class LineTooLong extends Error {
  constructor(limit: number) {
    super(`a line is longer than ${limit} bytes`)
    this.name = 'LineTooLong'
  }
}

export class LineDecoder {
  /** Bytes of the line that is not yet complete. */
  #pending: Buffer[] = []
  #pendingBytes = 0
  readonly #limit: number
  readonly #onLine: (line: string) => void

  /**
   * @param onLine is handed every line without its line break, empty ones too
   * @param limit bytes that are held for a line that has not ended
   */
  constructor(onLine: (line: string) => void, limit: number) {
    this.#onLine = onLine
    this.#limit = limit
  }

  /** Hands on the lines that this chunk completes. Throws `LineTooLong`, and what `onLine` throws. */
  push(chunk: Buffer): void {
    const lastBreak = chunk.lastIndexOf(newline)
    if (lastBreak !== -1) this.#handOn(this.#text(chunk.subarray(0, lastBreak)))
    this.#hold(chunk.subarray(lastBreak + 1))
  }

  /** Hands on a last line that has no line break. */
  end(): void {
    if (this.#pendingBytes > 0) this.#onLine(this.#text(Buffer.alloc(0)))
  }

  /** Lines in one text: decoding bytes costs more a call than a byte. */
  #handOn(text: string): void {
    let start = 0
    for (let end = text.indexOf('\n'); end !== -1; end = text.indexOf('\n', start)) {
      this.#onLine(text.slice(start, end))
      start = end + 1
    }
    this.#onLine(text.slice(start))
  }

  #text(last: Buffer): string {
    if (this.#pendingBytes === 0) return last.toString('utf8')
    this.#pending.push(last)
    const bytes = Buffer.concat(this.#pending)
    this.#pending = []
    this.#pendingBytes = 0
    return bytes.toString('utf8')
  }

  #hold(rest: Buffer): void {
    if (rest.length === 0) return
    this.#pendingBytes += rest.length
    if (this.#pendingBytes > this.#limit) throw new LineTooLong(this.#limit)
    // A copy, so that the few bytes do not keep the whole read buffer alive.
    this.#pending.push(Buffer.from(rest))
  }
}
