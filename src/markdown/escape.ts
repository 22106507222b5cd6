/** Strings into Markdown prose, so that nothing in them becomes structure. */
import { addressParts } from './address.ts'
import { oneLine } from '../format/plain-text.ts'

/** May mean something wherever it stands. `_` between letters or digits does not. */
const anywhere = /[\\`*[\]<|~&!]|(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])/g
/** Means something only at the start of a line, or where the template goes on after it. */
const atStart = /^(?:[#>=]|[-+](?=[-\s]|$)|:(?=-))/
const listNumber = /^(\d{1,9})([.)])(?=\s|$)/

/**
 * Markdown that shows exactly `text`, as one line, wherever a template puts it except inside backticks: control
 * codes dropped, line breaks turned into spaces, every character that could be structure escaped, addresses as
 * inline code so that they do not become links. Empty for text that shows nothing.
 */
export function escapeMarkdown(text: string): string {
  return addressParts(oneLine(text))
    .map(({ address, value }) => (address ? `\`${value}\`` : value.replace(anywhere, '\\$&')))
    .join('')
    .replace(atStart, '\\$&')
    .replace(listNumber, '$1\\$2')
}
