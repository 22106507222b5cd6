/** What a reader is told of a template that cannot be used. */
import { distance } from 'fastest-levenshtein'
import { ExpError } from '../errors/exp-error.ts'

/** @param line from 1 */
export function templateError(
  file: string,
  line: number,
  message: string,
  hint?: string,
): ExpError {
  return new ExpError('template', `${file}:${line}: ${message}`, hint)
}

/** A hint that names the nearest of `known`, or all of them where none is near and they are few. */
export function meant(word: string, known: readonly string[]): string | undefined {
  const edits = known.map((candidate) => ({ candidate, distance: distance(word, candidate) }))
  const [best] = edits.toSorted((a, b) => a.distance - b.distance)
  if (!best) return undefined
  if (best.distance <= Math.max(2, word.length / 3)) return `did you mean \`${best.candidate}\`?`
  if (known.length > 20) return undefined
  return `there is ${known.map((name) => `\`${name}\``).join(', ')}`
}
