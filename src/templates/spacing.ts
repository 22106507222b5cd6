/** Spaces where Chinese typography wants them: around what is put into a sentence. */

export const hasHan = /\p{Script=Han}/u

/** Stands around what is put in, until spaces are where Chinese typography wants them. */
export const edge = '\ue000'

/** A space between Chinese and what was put in, where that begins or ends in Latin letters, digits or brackets. */
export function spaced(text: string): string {
  return text
    .replace(/(?<=\p{Script=Han})\ue000+(?=[A-Za-z0-9(`])/gu, ' ')
    .replace(/(?<=[A-Za-z0-9)`%])\ue000+(?=\p{Script=Han})/gu, ' ')
    .replaceAll(edge, '')
}
