/** Marks text that people copy from the terminal, such as Markdown, JSON and scripts. Its lines are not broken. */
import { randomUUID } from 'node:crypto'

/** It is random, so that no other text can contain it. */
const mark = randomUUID()

/** The text, whose lines stay whole on a terminal. */
export function asWhole(text: string): string {
  return mark + text
}

/** The text without its mark; undefined if it has none. */
export function wholeText(text: string): string | undefined {
  return text.startsWith(mark) ? text.slice(mark.length) : undefined
}
