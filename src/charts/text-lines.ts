/** Breaks text into lines that fit a width in pixels. Uses no font, so that the result is the same on every machine. */
import stringWidth from 'string-width'
import { oneLine } from '../format/plain-text.ts'

/** Widths of characters in ems, measured in DejaVu Sans, the widest of the common system fonts. */
const ems = { narrow: 0.42, average: 0.64, wide: 0.9, fullWidth: 1.02 }
const narrow = /^[ .,:;|'!()[\]iljftrI1-]/u
const wide = /^[%+=<>≤≥±~mMwW@—…]/u
/** How much wider bold text is. */
const boldFactor = 1.08

export interface TextBox {
  /** In pixels. */
  readonly width: number
  /** In pixels. */
  readonly fontSize: number
  readonly maxLines: number
  readonly isBold?: boolean
}

// eslint-disable-next-line no-restricted-globals -- the boundaries of graphemes are the same in every locale
const graphemes = new Intl.Segmenter('en')

/** The lines of a text; the last one ends in an ellipsis if there are more. */
export function textLines(text: string, box: TextBox): readonly string[] {
  const { fontSize, maxLines, isBold } = box
  const widthOf = (line: string): number => textWidth(line, fontSize, isBold)
  // keeps a comparison sign on the line of its number
  const shown = oneLine(text).replaceAll(/(?<=[<>≤≥]) /g, '\u{a0}')
  const lines = filledLines(shown, box.width, widthOf)
  if (lines.length <= maxLines) return lines
  const last = Array.from(lines[maxLines - 1] ?? '')
  while (last.length > 1 && widthOf(`${last.join('')}…`) > box.width) last.pop()
  return [...lines.slice(0, maxLines - 1), `${last.join('').trimEnd()}…`]
}

/** The pieces between which a line may break: a Chinese character with the punctuation after it, a word, or a space. */
const pieces = /\p{Script=Han}[，。：；、！？）》」]*|[^ \p{Script=Han}]+| /gu

function filledLines(
  text: string,
  width: number,
  widthOf: (line: string) => number,
): readonly string[] {
  const lines: string[] = []
  let line = ''
  const add = (piece: string): void => {
    if (line !== '' && widthOf((line + piece).trimEnd()) > width) {
      lines.push(line.trimEnd())
      line = ''
    }
    line = (line + piece).trimStart()
  }
  for (const [piece] of text.matchAll(pieces))
    if (widthOf(piece) <= width) add(piece)
    else for (const { segment } of graphemes.segment(piece)) add(segment)
  return [...lines, line.trimEnd()]
}

/** An estimate of the width of a text in pixels. */
export function textWidth(text: string, fontSize: number, isBold = false): number {
  let width = 0
  for (const { segment } of graphemes.segment(text)) width += emsOf(segment)
  return width * fontSize * (isBold ? boldFactor : 1)
}

function emsOf(character: string): number {
  if (stringWidth(character) > 1) return ems.fullWidth
  if (narrow.test(character)) return ems.narrow
  return wide.test(character) ? ems.wide : ems.average
}
