/** Texts that come again and again, told by their bytes: to compare is quicker than to make one. */

/** Longer ones, answers above all, hardly come again. */
const longest = 80
const places = 256

export class TextCache {
  readonly #bytes: Buffer[] = []
  readonly #texts: string[] = []

  /** UTF-8 from `from` up to `to` as a text. */
  textOf(bytes: Buffer, from: number, to: number): string {
    const length = to - from
    if (length === 0) return ''
    if (length > longest) return bytes.toString('utf8', from, to)
    const place = placeOf(bytes, from, to)
    const known = this.#bytes[place]
    if (known?.length === length && stands(known, bytes, from)) return this.#texts[place] ?? ''
    const text = bytes.toString('utf8', from, to)
    this.#bytes[place] = Buffer.from(bytes.subarray(from, to))
    this.#texts[place] = text
    return text
  }
}

/** Names and digests alike differ in their ends, if not in length. */
function placeOf(bytes: Buffer, from: number, to: number): number {
  const first = bytes[from] ?? 0
  const last = bytes[to - 1] ?? 0
  const before = bytes[to - 2] ?? 0
  return (first * 31 + before * 17 + last * 7 + (to - from)) % places
}

function stands(known: Buffer, bytes: Buffer, at: number): boolean {
  for (let place = 0; place < known.length; place += 1)
    if (known[place] !== bytes[at + place]) return false
  return true
}
