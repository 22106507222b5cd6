/**
 * Bytes to lines. Chunks may be split anywhere, also inside a UTF-8 sequence; each line is decoded once,
 * when its last byte is there.
 */

const newline = 0x0a

/** A line longer than the decoder was told to hold. */
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
   * @param limit bytes that one line may have
   */
  constructor(onLine: (line: string) => void, limit: number) {
    this.#onLine = onLine
    this.#limit = limit
  }

  /** Hands on the lines that this chunk completes. Throws `LineTooLong`, and what `onLine` throws. */
  push(chunk: Buffer): void {
    let start = 0
    for (;;) {
      const end = chunk.indexOf(newline, start)
      if (end === -1) break
      this.#guard(end - start)
      this.#onLine(this.#complete(chunk, start, end))
      start = end + 1
    }
    if (start === chunk.length) return
    this.#guard(chunk.length - start)
    // A copy, so that the few bytes do not keep the whole read buffer alive.
    const rest = Buffer.from(chunk.subarray(start))
    this.#pending.push(rest)
    this.#pendingBytes += rest.length
  }

  /** Hands on a last line that has no line break. */
  end(): void {
    if (this.#pendingBytes > 0) this.#onLine(this.#complete(Buffer.alloc(0), 0, 0))
  }

  #guard(more: number): void {
    if (this.#pendingBytes + more > this.#limit) throw new LineTooLong(this.#limit)
  }

  #complete(chunk: Buffer, start: number, end: number): string {
    if (this.#pendingBytes === 0) return chunk.toString('utf8', start, end)
    this.#pending.push(chunk.subarray(start, end))
    const line = Buffer.concat(this.#pending).toString('utf8')
    this.#pending = []
    this.#pendingBytes = 0
    return line
  }
}
