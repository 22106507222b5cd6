/** Strings into Markdown prose, so that nothing in them becomes structure. */
import { oneLine } from './plain-text.ts'

/** May mean something wherever it stands. `_` between letters or digits does not. */
const anywhere =
  /[\\`*[\]<|~&!@]|(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])|(?<=[ps]):(?=\/)|(?<=\bwww)\./gi
/** Means something only at the start of a line, or where the template goes on after it. */
const atStart = /^(?:[#>=]|[-+](?=[-\s]|$)|:(?=-))/
const listNumber = /^(\d{1,9})([.)])(?=\s|$)/

/**
 * Markdown that shows exactly `text`, as one line, wherever a template puts it: control codes dropped, line
 * breaks turned into spaces, every character that could be structure escaped. Empty for text that shows
 * nothing.
 */
export function escapeMarkdown(text: string): string {
  return oneLine(text)
    .replace(anywhere, '\\$&')
    .replace(atStart, '\\$&')
    .replace(listNumber, '$1\\$2')
}
