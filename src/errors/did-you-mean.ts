import { distance } from 'fastest-levenshtein'
import { alternatives, quoted } from './quote.ts'

/**
 * The known word nearest to a misspelled one, ignoring case; `undefined` if none is near. At most a third of the
 * letters may differ (two in short words), and never all of them. If more than one letter differs, a word that ends or
 * begins with the misspelled one is preferred: `latencyP95` for `p95`.
 */
export function nearestWord(word: string, known: readonly string[]): string | undefined {
  const lowerCase = word.slice(0, 80).toLowerCase()
  const maxEdits = Math.max(2, Math.floor(lowerCase.length / 3))
  let best: string | undefined
  let minEdits = Math.min(maxEdits + 1, Math.max(2, lowerCase.length))
  for (const candidate of known) {
    const edits = distance(lowerCase, candidate.toLowerCase())
    if (edits < minEdits) [best, minEdits] = [candidate, edits]
  }
  return minEdits <= 1 ? best : (firstContaining(lowerCase, known) ?? best)
}

/** The first known word that ends with the word or, if none does, begins with it. */
function firstContaining(lowerCase: string, known: readonly string[]): string | undefined {
  if (lowerCase.length < 3) return undefined
  const find = (isPart: (candidate: string) => boolean) =>
    known.find((candidate) => isPart(candidate.toLowerCase()))
  return (
    find((candidate) => candidate.endsWith(lowerCase)) ??
    find((candidate) => candidate.startsWith(lowerCase))
  )
}

/**
 * A hint that names the nearest known word. If none is near: a hint that lists all known words if they are few, else
 * `otherwise`.
 */
export function didYouMean(word: string, known: readonly string[], otherwise: string): string
export function didYouMean(word: string, known: readonly string[]): string | undefined
export function didYouMean(
  word: string,
  known: readonly string[],
  otherwise?: string,
): string | undefined {
  if (known.includes(word)) return otherwise // the word is right, and something else is wrong
  const nearest = nearestWord(word, known)
  if (nearest !== undefined) return `did you mean ${quoted(nearest)}?`
  return known.length > 0 && known.length <= 20 ? `write ${alternatives(known)}` : otherwise
}
