import { distance } from 'fastest-levenshtein'
import { either, quoted } from './visible.ts'

/** The known word that `word` was most likely meant to be; undefined when none is near. */
export function nearest(word: string, known: readonly string[]): string | undefined {
  const wanted = word.slice(0, 80).toLowerCase()
  const allowed = Math.max(2, Math.floor(wanted.length / 3))
  let best: string | undefined
  let least = Math.min(allowed + 1, Math.max(2, wanted.length))
  for (const candidate of known) {
    const edits = distance(wanted, candidate.toLowerCase())
    if (edits < least) [best, least] = [candidate, edits]
  }
  return best
}

/** A hint that names the nearest known word, or all of them while they are few. */
export function meant(word: string, known: readonly string[], otherwise: string): string {
  const near = nearest(word, known)
  if (near !== undefined) return `did you mean ${quoted(near)}?`
  return known.length > 0 && known.length <= 20 ? `write ${either(known)}` : otherwise
}
