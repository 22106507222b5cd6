/** Removes from an error the parts of prompts and answers that `keep` does not allow to be stored. */
import type { Keep } from '../experiment/experiment.ts'

/** The prompts and answers of a request. An error may repeat them. */
export interface RequestTexts {
  readonly prompts: readonly string[]
  readonly answers: readonly string[]
}

/** Shorter lines of a prompt are not searched for, because they may be common words. */
const minLineLength = 8
/** Shorter parts of a line are not searched for, because they may be common words. */
const minPartLength = 16

/**
 * The error with a mark in place of each text that must not be stored. Some servers repeat the prompt in an error,
 * whole or in part, and the error for a broken line of a stream contains a part of the answer.
 */
export function keptError(error: string, { prompts, answers }: RequestTexts, keep: Keep): string {
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

/** The lines of the texts that are too long to be common words, each as it is and as JSON escapes it. */
function linesOf(texts: readonly string[]): readonly string[] {
  const written = texts
    .flatMap((text) => text.split(/[\r\n]+/))
    .flatMap((line) => [line.trim(), JSON.stringify(line.trim()).slice(1, -1)])
  return [...new Set(written)].filter((line) => line.length >= minLineLength)
}

/** Replaces each long part of the one-line text `text` that one of the lines contains too. */
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

/** How many characters of the text, from index `at`, also occur in the lines; 0 if they are too few to replace. */
function lengthOfPart(text: string, at: number, lines: string): number {
  const place = lines.indexOf(text.slice(at, at + minPartLength))
  if (place === -1) return 0
  let length = minPartLength
  while (at + length < text.length && text[at + length] === lines[place + length]) length += 1
  return length
}

/** The text may end in the middle of a copy of the line. Returns where that copy begins; Infinity without one. */
function startOfCut(text: string, line: string): number {
  for (let at = Math.max(0, text.length - line.length); at <= text.length - minLineLength; at += 1)
    if (line.startsWith(text.slice(at))) return at
  return Infinity
}
