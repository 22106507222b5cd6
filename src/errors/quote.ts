/** Shows untrusted text in messages: on one line, without control codes or characters that reorder text. */

/* C0, DEL, C1; line and paragraph separators; bidirectional controls; byte order mark. */
const hidden =
  /[\u0000-\u001f\u007f-\u009f\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]/g

/** Replaces each control character, direction mark and lone surrogate by one `�`, so that columns keep their numbers. */
export function replaceHiddenCharacters(text: string): string {
  return text.replace(hidden, '\ufffd').replace(/\p{Cs}/gu, '\ufffd')
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
