/**
 * Turns the bytes of sampled tokens into text that may be sent: a character is held back until all its
 * bytes are there, and what may become a stop sequence until it is one or cannot be one any more.
 */
export class AnswerText {
  readonly #decoder = new TextDecoder()
  readonly #stops: readonly string[]
  #held = ''
  #isStopped = false

  constructor(stops: readonly string[]) {
    this.#stops = stops.filter((stop) => stop !== '')
  }

  /** Whether a stop sequence was met; it is no part of the text, nor is what follows. */
  get isStopped(): boolean {
    return this.#isStopped
  }

  /** The text that these bytes set free; may be empty. */
  push(bytes: Uint8Array): string {
    this.#held += this.#decoder.decode(bytes, { stream: true })
    const at = this.#stops.map((stop) => this.#held.indexOf(stop)).filter((index) => index >= 0)
    if (at.length > 0) {
      this.#isStopped = true
      return this.#release(Math.min(...at))
    }
    return this.#release(this.#held.length - this.#possibleStopLength())
  }

  /** What was still held back; the bytes of an unfinished character are dropped. */
  finish(): string {
    return this.#isStopped ? '' : this.#release(this.#held.length)
  }

  #release(length: number): string {
    const text = this.#held.slice(0, length)
    this.#held = this.#held.slice(length)
    return text
  }

  /** Length of the longest end of the held text that begins a stop sequence. */
  #possibleStopLength(): number {
    const lengths = this.#stops.map((stop) => {
      for (let length = Math.min(stop.length - 1, this.#held.length); length > 0; length--)
        if (this.#held.endsWith(stop.slice(0, length))) return length
      return 0
    })
    return Math.max(0, ...lengths)
  }
}
