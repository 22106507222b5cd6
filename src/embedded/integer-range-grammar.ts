/** Builds a grammar, in llama.cpp's notation, that matches the integers of a range. */

/** Maximum number of digits if one end is open, as in llama.cpp's converter. */
const longest = 16

/** Both ends are inclusive; an undefined end is open. Returns undefined if the range is empty. */
export function integerRange(
  least: number | undefined,
  most: number | undefined,
): string | undefined {
  const parts: string[] = []
  if (least === undefined || least < 0) {
    const smallest = most !== undefined && most < 0 ? -most : 1
    parts.push(
      ...magnitudes(smallest, least === undefined ? undefined : -least).map(
        (part) => `"-" ${part}`,
      ),
    )
  }
  if (most === undefined || most >= 0) parts.push(...magnitudes(Math.max(0, least ?? 0), most))
  return parts.length === 0 ? undefined : parts.join(' | ')
}

/** Matches decimals without sign or leading zeros, one expression for each number of digits. */
function magnitudes(least: number, most: number | undefined): readonly string[] {
  if (most !== undefined && least > most) return []
  const first = String(least).length
  const last = most === undefined ? first : String(most).length
  const parts: string[] = []
  for (let length = first; length <= last; length++) {
    const low = length === first ? String(least) : `1${'0'.repeat(length - 1)}`
    const high = most !== undefined && length === last ? String(most) : '9'.repeat(length)
    parts.push(sameLength(low, high))
  }
  if (most === undefined && first < longest)
    parts.push(`[1-9] [0-9]{${String(first)},${String(longest - 1)}}`)
  return parts
}

/** Matches the numbers between two ends that have the same number of digits. */
function sameLength(low: string, high: string): string {
  const rest = low.length - 1
  if (/^0*$/.test(low.slice(1)) && /^9*$/.test(high.slice(1)))
    return `${digit(Number(low[0]), Number(high[0]))}${anyDigits(rest)}`
  if (low.startsWith(high.charAt(0)))
    return `"${low.charAt(0)}" ${sameLength(low.slice(1), high.slice(1))}`
  const parts = [`"${low.charAt(0)}" ${sameLength(low.slice(1), '9'.repeat(rest))}`]
  if (Number(high[0]) - Number(low[0]) > 1)
    parts.push(`${digit(Number(low[0]) + 1, Number(high[0]) - 1)}${anyDigits(rest)}`)
  parts.push(`"${high.charAt(0)}" ${sameLength('0'.repeat(rest), high.slice(1))}`)
  return `(${parts.join(' | ')})`
}

const digit = (from: number, to: number): string => `[${String(from)}-${String(to)}]`
const anyDigits = (length: number): string => (length === 0 ? '' : ` [0-9]{${String(length)}}`)
