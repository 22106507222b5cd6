/** Adds the space that Chinese typography wants between Chinese characters and Latin letters or digits of a value. */

/**
 * True if more than 2 % of the characters are Chinese. A few can occur in English too, such as the language name 中文.
 */
export function isInChinese(text: string): boolean {
  const characters = text.match(/\p{Script=Han}/gu) ?? []
  return characters.length > text.length / 50
}

/** A private-use character. It marks where a value begins and ends, until `replaceEdgeMarks` replaces it. */
const edge = '\ue000'

/** The value enclosed in marks. An empty text stays empty, so that `{{#if}}` skips it. */
export function markEdges(value: string): string {
  return value === '' ? '' : edge + value + edge
}

/**
 * Replaces each mark between a Chinese character and a Latin letter, digit or bracket by a space. Removes all others.
 */
export function replaceEdgeMarks(text: string): string {
  return text
    .replace(/(?<=\p{Script=Han})\ue000+(?=[A-Za-z0-9(`])/gu, ' ')
    .replace(/(?<=[A-Za-z0-9)`%])[\ue000\ue001]+(?=\p{Script=Han})/gu, ' ')
    .replaceAll(edge, '')
}
