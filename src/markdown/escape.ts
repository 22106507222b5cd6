/** Escapes text for Markdown prose, so that nothing in it becomes structure. */
import { oneLine } from '../format/plain-text.ts'

/** Characters that may be markup anywhere in a line. `_` between letters or digits is not markup. */
const anywhere = /[\\`*[\]<|~&!]|(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])/g
/** Characters that may be markup only at the start of a line. */
const atStart = /^(?:[#>=]|[-+](?=[-\s]|$)|:(?=-))/
const listNumber = /^(\d{1,9})([.)])(?=\s|$)/

/**
 * Returns one line of Markdown that shows exactly `text`, wherever a template inserts it except inside backticks.
 * Control codes are dropped, line breaks become spaces, and addresses become inline code, so that they are not links.
 * Empty for text that shows nothing.
 */
export function escapeMarkdown(text: string): string {
  return addressParts(oneLine(text))
    .map(({ isAddress: address, value }) =>
      address ? `\`${value}\`` : value.replace(anywhere, '\\$&'),
    )
    .join('')
    .replace(atStart, '\\$&')
    .replace(listNumber, '$1\\$2')
}

/** Web and mail addresses, which GitHub and remark-gfm turn into links even if they are escaped. */
const addresses = /(?:https?:\/\/|www\.)[\w\-.~:/?#@!$&'()+,;=%]*|[-.\w+]+@[-\w]+\.[-\w.]+/gi

interface AddressPart {
  readonly isAddress: boolean
  readonly value: string
}

/** Splits the text at the start and the end of each address. No part is empty. */
export function addressParts(text: string): readonly AddressPart[] {
  if (!/:\/\/|www\.|@/i.test(text)) return text === '' ? [] : [{ isAddress: false, value: text }]
  const parts: AddressPart[] = []
  let end = 0
  for (const { index, 0: value } of text.matchAll(addresses)) {
    if (index > end) parts.push({ isAddress: false, value: text.slice(end, index) })
    parts.push({ isAddress: true, value })
    end = index + value.length
  }
  if (end < text.length) parts.push({ isAddress: false, value: text.slice(end) })
  return parts
}
