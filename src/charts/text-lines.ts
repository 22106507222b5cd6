/** Breaks text into lines of a width in pixels, without a font: the same on every machine. */
import stringWidth from 'string-width'
import wrapAnsi from 'wrap-ansi'
import { oneLine } from '../format/plain-text.ts'

/** The widths of a narrow and of a wide character in ems, on the safe side for the usual fonts of systems. */
const narrow = 0.57
const wide = 1.02

export interface Room {
  /** In pixels. */
  readonly width: number
  /** In pixels. */
  readonly fontSize: number
  readonly maxLines: number
}

/** The lines of a text; the last one ends in an ellipsis if there are more. */
export function textLines(text: string, { width, fontSize, maxLines }: Room): readonly string[] {
  const shown = oneLine(text)
  const perColumn = textWidth(shown, fontSize) / Math.max(1, stringWidth(shown))
  const columns = Math.max(2, Math.floor(width / (perColumn || fontSize)))
  const lines = wrapAnsi(shown, columns, { hard: true }).split('\n')
  if (lines.length <= maxLines) return lines
  const [last = ''] = lines.slice(maxLines - 1)
  return [...lines.slice(0, maxLines - 1), `${withoutEnd(last, columns - 1)}…`]
}

/** An estimate of the width of a text in pixels. */
export function textWidth(text: string, fontSize: number): number {
  const characters = Array.from(text).length
  const columns = stringWidth(text)
  // Each wide character has one column more than a narrow one; marks without a width make the estimate larger.
  const wideOnes = Math.max(0, columns - characters)
  return fontSize * (wideOnes * wide + Math.max(0, columns - 2 * wideOnes) * narrow)
}

function withoutEnd(line: string, columns: number): string {
  const characters = Array.from(line)
  while (stringWidth(characters.join('')) > columns) characters.pop()
  return characters.join('').trimEnd()
}
