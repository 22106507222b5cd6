/**
 * Makes text from outside (labels, logs, answers) safe to print: no terminal sequences, no control codes, no characters
 * that reorder or hide other text.
 */
import stringWidth from 'string-width'

/**
 * Control codes, format characters that reorder or hide text, letters that show nothing, tags, which spell hidden words,
 * halves of surrogate pairs, non-characters. Joiners stay: emoji and some scripts need them.
 */
const invisible =
  /[\p{Cc}\p{Cs}\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b\u200e\u200f\u2028\u2029\u202a-\u202e\u2060-\u206f\u3164\ufeff\uffa0\ufff9-\uffff\u{e0000}-\u{e007f}]/gu

/**
 * Sequences that control a terminal: CSI; OSC and other strings up to their end; escapes of two characters. The library
 * for this takes quadratic time for many sequences that do not end.
 */
const terminalSequence =
  /(?:\u001b\[|\u009b)[0-?]*[ -/]*[@-~]|(?:\u001b[\]PX^_]|[\u0090\u0098\u009d-\u009f])[^\u0007\u001b\u0080-\u009f]*(?:\u0007|\u001b\\|\u009c)|\u001b[ -/]*[0-~]/g

/** Printable ASCII words with single spaces between them: such text is returned unchanged. */
const alreadyClean = /^[!-~]+(?: [!-~]+)*$/

/**
 * Safe text on one line: each run of white space, line breaks included, becomes one space; the ends are trimmed.
 * Empty for text that shows nothing.
 */
export function oneLine(text: string): string {
  if (alreadyClean.test(text)) return text
  return printable(text.replace(/\s+/g, ' ')).replace(/\s+/g, ' ').trim()
}

/** Safe text that keeps its line breaks and tabs, for code blocks. */
export function printable(text: string): string {
  return text
    .replace(terminalSequence, '')
    .replace(/\r\n?/g, '\n')
    .replace(invisible, (character) => (character === '\n' || character === '\t' ? character : ''))
}

/**
 * Aligns rows of cells in columns, for the terminal; wide characters count as two.
 * @returns a line for each row, without trailing spaces; each cell keeps its indentation
 */
export function columns(rows: readonly (readonly string[])[]): readonly string[] {
  const cleanRows = rows.map((row) => row.map((cell) => indentOf(cell) + oneLine(cell)))
  const count = Math.max(0, ...cleanRows.map((row) => row.length))
  const widths = Array.from({ length: count }, (_, column) =>
    Math.max(...cleanRows.map((row) => stringWidth(row[column] ?? ''))),
  )
  return cleanRows.map((row) =>
    row
      .map((cell, column) => cell + ' '.repeat((widths[column] ?? 0) - stringWidth(cell)))
      .join('  ')
      .trimEnd(),
  )
}

function indentOf(cell: string): string {
  return ' '.repeat(cell.length - cell.trimStart().length)
}
