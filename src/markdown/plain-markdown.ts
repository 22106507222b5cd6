/** Says of most texts, without a parser, that they mean nothing to Markdown: written and read as they are. */

/** May mean something in the middle of a line, or may not last there. */
const anywhere = /[\p{Cc}\ufeff!#&*<@[\\\]_`|~]|:(?! )|(?:^|[wW])\.|\s$/u
/** May mean something at the start of a line, or after a bracket. */
const atStart = /^(?:[-+=(>: ]|\d+(?:\)|\.(?!\d)))/

/** Wherever a line does not start with it. */
export function isPlain(value: string): boolean {
  return value !== '' && !anywhere.test(value)
}

export function isPlainAtStart(value: string): boolean {
  return !atStart.test(value)
}
