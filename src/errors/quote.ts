/** Shows untrusted text in messages: on one line, without control codes or characters that reorder text. */

/* C0, DEL, C1; line and paragraph separators; bidirectional controls; byte order mark; invisible tags. */
const hidden =
  /[\u0000-\u001f\u007f-\u009f\u061c\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff\u{e0000}-\u{e007f}]/gu

/**
 * Replaces each control character, direction mark and lone surrogate.
 * @param replacement by default one `�`, so that columns keep their numbers
 */
export function replaceHiddenCharacters(
  text: string,
  replacement: (character: string) => string = () => '\ufffd',
): string {
  return text.replace(hidden, replacement).replace(/\p{Cs}/gu, replacement)
}

/** Like `replaceHiddenCharacters`, with line breaks as spaces. */
export function onOneLine(text: string): string {
  return replaceHiddenCharacters(text.replace(/[\r\n]+/g, ' '))
}

const maxLength = 60

/** A value in backticks, on one line, cut to 60 characters. */
export function quoted(value: unknown): string {
  const text = typeof value === 'string' ? value : value === undefined ? '' : JSON.stringify(value)
  const line = replaceHiddenCharacters(text.replace(/\s+/g, ' ').replaceAll('`', "'"))
  return `\`${line.length > maxLength ? `${replaceHiddenCharacters(line.slice(0, maxLength - 1))}…` : line}\``
}

/** `` `a`, `b` or `c` ``; empty for no values. */
export function alternatives(values: readonly unknown[]): string {
  return joinAlternatives(values.map(quoted))
}

/** `a, b or c`; empty for no items. */
export function joinAlternatives(items: readonly string[]): string {
  return items.length < 2
    ? items.join('')
    : `${items.slice(0, -1).join(', ')} or ${items.at(-1) ?? ''}`
}

/** A server can list thousands of models; a message names this many at most. */
const maxListed = 20

/** The first entries, as many as a message names. */
export function entriesToList<Entry>(entries: readonly Entry[]): readonly Entry[] {
  return entries.slice(0, maxListed)
}

/** `a, b` or `a, b, … and 40 more`; each name is cut to 60 characters. */
export function listed(names: readonly string[]): string {
  const shown = entriesToList(names)
    .map((name) => quoted(name).slice(1, -1))
    .join(', ')
  const more = names.length - maxListed
  return more > 0 ? `${shown}, … and ${more} more` : shown
}

const safeInShell = /^(?:~\/)?[\p{L}\p{N}_./:@%+,=-]+$/u

/** A value as one word of a command that people may copy, on one line: a space replaces each other white space. */
export function forShell(value: string): string {
  if (safeInShell.test(value)) return value
  return `'${value.replace(/\s/g, ' ').replaceAll("'", String.raw`'\''`)}'`
}
