/** The error of a failed request without words that `keep` does not allow to be stored. */
import type { Keep } from '../experiment/experiment.ts'

/** The texts that must not be stored if `keep` does not allow it. */
export interface KeptWords {
  readonly prompts: readonly string[]
  readonly answers: readonly string[]
}

/** Shorter lines of a prompt may be common words. */
const minLineLength = 8
/** Shorter parts of a line may be common words. */
const minPartLength = 16

/**
 * Some servers repeat the prompt in an error, whole or in part, and a broken line of a stream contains a part of the
 * answer.
 */
export function keptError(error: string, { prompts, answers }: KeptWords, keep: Keep): string {
  const clean = keep.prompts === 'text' ? error : withoutWords(error, prompts, '[prompt]')
  return keep.answers === 'text'
    ? clean
    : withoutWords(clean, answers, '[answer]')
        .replace(/(?<=: )\{[^]*$/, '{…')
        .replace(/(?<=^not a JSON object: )(?!\{…$)[^]*$/, '…')
}

function withoutWords(error: string, texts: readonly string[], mark: string): string {
  const lines = linesOf(texts)
  const clean = lines.reduce((text, line) => text.replaceAll(line, mark), error)
  if (!clean.endsWith('…')) return withoutParts(clean, lines, mark)
  const start = Math.min(...lines.map((line) => startOfCut(clean.slice(0, -1), line)))
  return start === Infinity
    ? withoutParts(clean, lines, mark)
    : `${withoutParts(clean.slice(0, start), lines, mark)}${mark}…`
}

/** The lines that are too long to be common words, as they are and as JSON writes them. */
function linesOf(texts: readonly string[]): readonly string[] {
  const written = texts
    .flatMap((text) => text.split(/[\r\n]+/))
    .flatMap((line) => [line.trim(), JSON.stringify(line.trim()).slice(1, -1)])
  return [...new Set(written)].filter((line) => line.length >= minLineLength)
}

/** Replaces each part of a text of one line that is also a part of one of the lines. */
function withoutParts(text: string, lines: readonly string[], mark: string): string {
  const all = lines.join('\n')
  let clean = ''
  let from = 0
  for (let at = 0; at + minPartLength <= text.length;) {
    const length = lengthOfPart(text, at, all)
    if (length === 0) {
      at += 1
      continue
    }
    clean += text.slice(from, at) + mark
    at += length
    from = at
  }
  return clean + text.slice(from)
}

/** The length of a part of the lines that begins at this place of the text; 0 if it is too short. */
function lengthOfPart(text: string, at: number, lines: string): number {
  const place = lines.indexOf(text.slice(at, at + minPartLength))
  if (place === -1) return 0
  let length = minPartLength
  while (at + length < text.length && text[at + length] === lines[place + length]) length += 1
  return length
}

/** The index in the text from which its rest is the beginning of the line; Infinity if there is none. */
function startOfCut(text: string, line: string): number {
  for (let at = Math.max(0, text.length - line.length); at <= text.length - minLineLength; at += 1)
    if (line.startsWith(text.slice(at))) return at
  return Infinity
}
