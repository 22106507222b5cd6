/** Breaks lines between words, so that the terminal does not break them within a word. */
import stringWidth from 'string-width'
import { textWithKeptLines, withoutControlCodes, type Output } from './safe-output.ts'

/** A word with the spaces before it. Chinese text may break after each character, but not before its punctuation. */
const pieces = /\s*(?:\p{Script=Han}[\p{P}\p{S}]*|[^\s\p{Script=Han}]+)/gu

function widthOf(text: string): number {
  return stringWidth(withoutControlCodes(text))
}

/** The text with its lines broken at the width of a terminal; unchanged for other outputs. */
export function wrapped(text: string, { isTerminal, columns }: Output): string {
  if (!isTerminal) return text
  return text
    .split('\n')
    .map((line) => wrappedLine(line, columns))
    .join('\n')
}

/** The same output, but it breaks lines between words, except in text that `keepLines` marks. */
export function wrappingOutput(output: Output): Output {
  return {
    write: (text) => {
      output.write(textWithKeptLines(text) ?? wrapped(text, output))
    },
    get isTerminal() {
      return output.isTerminal
    },
    get columns() {
      return output.columns
    },
  }
}

/** Further lines are indented by two more than the first. A word that is wider than the terminal stays whole. */
function wrappedLine(line: string, columns: number): string {
  if (widthOf(line) <= columns) return line
  const indent = `${/^ */.exec(line)?.[0] ?? ''}  `
  const lines: string[] = []
  let current = ''
  for (const [piece] of line.matchAll(pieces)) {
    if (current !== '' && widthOf(current + piece) > columns) {
      lines.push(current)
      current = indent + piece.trimStart()
    } else current += piece
  }
  return [...lines, current].join('\n')
}

/** False if a terminal would break one of the lines. */
export function fitsInto(
  lines: readonly string[],
  { isTerminal, columns }: Pick<Output, 'isTerminal' | 'columns'>,
): boolean {
  return !isTerminal || lines.every((line) => widthOf(line) <= columns)
}

/** Joins as many of the first parts as fit into a width. Cuts the first part if even that does not fit. */
export function fitting(parts: readonly string[], separator: string, columns: number): string {
  let text = parts[0] ?? ''
  if (widthOf(text) > columns) return cut(text, columns)
  for (const part of parts.slice(1)) {
    const longer = text + separator + part
    if (widthOf(longer) > columns) break
    text = longer
  }
  return text
}

function cut(text: string, columns: number): string {
  let kept = ''
  for (const character of text) {
    if (widthOf(kept + character) >= columns) break
    kept += character
  }
  return `${kept}…`
}
