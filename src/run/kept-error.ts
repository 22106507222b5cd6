/** The error of a failed request without words that `keep` does not allow to be stored. */
import type { Keep } from '../experiment/experiment.ts'

/** Shorter lines of a prompt may be common words. */
const minLineLength = 8

/**
 * Some servers repeat the prompt in an error, possibly cut off, and a broken line of a stream contains a part of the
 * answer.
 * @param sent the texts of the request
 */
export function keptError(error: string, sent: readonly string[], keep: Keep): string {
  const clean = keep.prompts === 'text' ? error : withoutLines(error, sent)
  return keep.answers === 'text' ? clean : clean.replace(/(?<=: )\{[^]*$/, '{…')
}

function withoutLines(error: string, sent: readonly string[]): string {
  const lines = sent
    .flatMap((text) => text.split(/[\r\n]+/))
    .flatMap((line) => [line.trim(), JSON.stringify(line.trim()).slice(1, -1)])
    .filter((line) => line.length >= minLineLength)
  const clean = lines.reduce((text, line) => text.replaceAll(line, '[prompt]'), error)
  if (!clean.endsWith('…')) return clean
  const start = Math.min(...lines.map((line) => startOfCut(clean.slice(0, -1), line)))
  return start === Infinity ? clean : `${clean.slice(0, start)}[prompt]…`
}

/** The index in the text from which its rest is the beginning of the line; Infinity if there is none. */
function startOfCut(text: string, line: string): number {
  for (let at = Math.max(0, text.length - line.length); at <= text.length - minLineLength; at += 1)
    if (line.startsWith(text.slice(at))) return at
  return Infinity
}
