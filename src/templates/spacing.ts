/** Chinese typography: a space between Chinese characters and the Latin letters or digits of a value. */

export const hasHan = /\p{Script=Han}/u

/** Marks where a value begins and ends, until `spaced` replaces the mark. A private-use character. */
const edge = '\ue000'

/** The value between marks; empty text stays empty, so that `{{#if}}` skips it. */
export function withEdges(value: string): string {
  return value === '' ? '' : edge + value + edge
}

/** Replaces each mark by a space if it is between Chinese and Latin letters, digits or brackets; else by nothing. */
export function spaced(text: string): string {
  return text
    .replace(/(?<=\p{Script=Han})\ue000+(?=[A-Za-z0-9(`])/gu, ' ')
    .replace(/(?<=[A-Za-z0-9)`%])\ue000+(?=\p{Script=Han})/gu, ' ')
    .replaceAll(edge, '')
}
