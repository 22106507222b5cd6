/** Builds a grammar, in llama.cpp's notation, that matches the integers of a range. */

/** Maximum number of digits if one end has no limit, as in llama.cpp's converter. */
const maxDigits = 16

/** Both ends are inclusive. An undefined end means no limit. Returns undefined if the range is empty. */
export function integerRange(min: number | undefined, max: number | undefined): string | undefined {
  const parts: string[] = []
  if (min === undefined || min < 0) {
    const smallest = max !== undefined && max < 0 ? -max : 1
    parts.push(
      ...magnitudes(smallest, min === undefined ? undefined : -min).map((part) => `"-" ${part}`),
    )
  }
  if (max === undefined || max >= 0) parts.push(...magnitudes(Math.max(0, min ?? 0), max))
  return parts.length === 0 ? undefined : parts.join(' | ')
}

/** Matches whole numbers without a sign or leading zeros, one expression for each number of digits. */
function magnitudes(min: number, max: number | undefined): readonly string[] {
  if (max !== undefined && min > max) return []
  const first = String(min).length
  const last = max === undefined ? first : String(max).length
  const parts: string[] = []
  for (let length = first; length <= last; length++) {
    const low = length === first ? String(min) : `1${'0'.repeat(length - 1)}`
    const high = max !== undefined && length === last ? String(max) : '9'.repeat(length)
    parts.push(sameLength(low, high))
  }
  if (max === undefined && first < maxDigits)
    parts.push(`[1-9] [0-9]{${String(first)},${String(maxDigits - 1)}}`)
  return parts
}

/** Matches the numbers between two ends that have the same number of digits. */
function sameLength(low: string, high: string): string {
  const otherDigits = low.length - 1
  if (/^0*$/.test(low.slice(1)) && /^9*$/.test(high.slice(1)))
    return `${digit(Number(low[0]), Number(high[0]))}${anyDigits(otherDigits)}`
  if (low.startsWith(high.charAt(0)))
    return `"${low.charAt(0)}" ${sameLength(low.slice(1), high.slice(1))}`
  const parts = [`"${low.charAt(0)}" ${sameLength(low.slice(1), '9'.repeat(otherDigits))}`]
  if (Number(high[0]) - Number(low[0]) > 1)
    parts.push(`${digit(Number(low[0]) + 1, Number(high[0]) - 1)}${anyDigits(otherDigits)}`)
  parts.push(`"${high.charAt(0)}" ${sameLength('0'.repeat(otherDigits), high.slice(1))}`)
  return `(${parts.join(' | ')})`
}

const digit = (from: number, to: number): string => `[${String(from)}-${String(to)}]`
const anyDigits = (length: number): string => (length === 0 ? '' : ` [0-9]{${String(length)}}`)
