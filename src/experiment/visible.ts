/** Text from a file as it may be shown: no control codes, no characters that reorder or break a line. */

/* C0, DEL, C1; line and paragraph separators; bidirectional controls; byte order mark. */
const hidden =
  /[\u0000-\u001f\u007f-\u009f\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]/g

/** Every control or invisible direction character replaced by `�`, one for one, so that columns stay. */
export function visible(text: string): string {
  return text.replace(hidden, '\ufffd').replace(/\p{Cs}/gu, '\ufffd')
}

const longest = 60

/** A value as a message shows it: in backticks, on one line, cut to 60 characters. */
export function quoted(value: unknown): string {
  const text = typeof value === 'string' ? value : value === undefined ? '' : JSON.stringify(value)
  const line = visible(text.replace(/\s+/g, ' ').replaceAll('`', "'"))
  return `\`${line.length > longest ? `${visible(line.slice(0, longest - 1))}…` : line}\``
}

/** `` `a`, `b` or `c` ``; empty for none. */
export function either(values: readonly unknown[]): string {
  const all = values.map(quoted)
  return all.length < 2 ? all.join('') : `${all.slice(0, -1).join(', ')} or ${all.at(-1) ?? ''}`
}
