/**
 * Turns the bytes of sampled tokens into text that is safe to send. Holds back a character until all its bytes have
 * arrived, and a possible beginning of a stop sequence until the next bytes show whether it is one.
 */
export class AnswerText {
  readonly #decoder = new TextDecoder()
  readonly #stops: readonly string[]
  #held = ''
  #isStopped = false

  constructor(stops: readonly string[]) {
    this.#stops = stops.filter((stop) => stop !== '')
  }

  /** True once a stop sequence was found. The sequence and the text after it are dropped. */
  get isStopped(): boolean {
    return this.#isStopped
  }

  /** Adds bytes; returns the text that can be sent now, possibly empty. */
  push(bytes: Uint8Array): string {
    this.#held += this.#decoder.decode(bytes, { stream: true })
    const positions = this.#stops
      .map((stop) => this.#held.indexOf(stop))
      .filter((index) => index >= 0)
    if (positions.length > 0) {
      this.#isStopped = true
      return this.#release(Math.min(...positions))
    }
    return this.#release(this.#held.length - this.#possibleStopLength())
  }

  /** Returns the text that is still held back. The bytes of an incomplete character are dropped. */
  finish(): string {
    return this.#isStopped ? '' : this.#release(this.#held.length)
  }

  #release(length: number): string {
    const text = this.#held.slice(0, length)
    this.#held = this.#held.slice(length)
    return text
  }

  /** Length of the longest suffix of the held text that is a prefix of a stop sequence. */
  #possibleStopLength(): number {
    const lengths = this.#stops.map((stop) => {
      for (let length = Math.min(stop.length - 1, this.#held.length); length > 0; length--)
        if (this.#held.endsWith(stop.slice(0, length))) return length
      return 0
    })
    return Math.max(0, ...lengths)
  }
}
