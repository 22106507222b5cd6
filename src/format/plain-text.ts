/** Text from outside (labels, logs, answers) made fit to stand in one line of a report. */

// ESC sequences of terminals: CSI, OSC up to its terminator, and two-character ones.

const terminalSequences =
  /\u001b(?:\[[0-?]*[ -/]*[@-~]|\][^\u0007\u001b]*(?:\u0007|\u001b\\)?|[@-Z\\-_])/g
/** Controls, formats that reorder or hide text, halves of surrogate pairs, non-characters. */
const invisible =
  /[\p{Cc}\p{Cs}\u061c\u200b\u200e\u200f\u2028\u2029\u202a-\u202e\u2060-\u2069\ufeff\ufff9-\uffff]/gu

/** Printable ASCII, single spaces inside: one line as it is. */
const tidy = /^[!-~]+(?: [!-~]+)*$/

/**
 * One line without control codes: terminal sequences are dropped, line breaks and runs of white space
 * become one space, the ends are trimmed. Empty for text that shows nothing.
 */
export function oneLine(text: string): string {
  if (tidy.test(text)) return text
  return visible(text.replace(/\s+/g, ' ')).replace(/\s+/g, ' ').trim()
}

/** Text without control codes; line breaks stay. For code blocks. */
export function visible(text: string): string {
  return text
    .replace(terminalSequences, '')
    .replace(/\r\n?/g, '\n')
    .replace(invisible, (character) => (character === '\n' || character === '\t' ? character : ''))
}
