/**
 * The footnotes of one report: numbered in the order in which they are first referred to, each once. Their names are
 * not those that people give their own, which would take their place: the first definition of a name is the one.
 */
import type { PhrasingContent } from 'mdast'
import { footnoteDefinition, footnoteReference, Markdown, parseInline } from './markdown.ts'

export interface Footnotes {
  /** A reference to the note with this text. */
  refer(note: Markdown): PhrasingContent
  /** All notes that were referred to; null where there are none. */
  definitions(): Markdown | null
}

export function footnotes(): Footnotes {
  const numbers = new Map<string, string>()
  return {
    refer: ({ source }) => {
      const number = numbers.get(source) ?? `exp-${numbers.size + 1}`
      numbers.set(source, number)
      return footnoteReference(number)
    },
    definitions: () => {
      if (numbers.size === 0) return null
      const notes = [...numbers].map(([source, number]) =>
        footnoteDefinition(number, parseInline(source)),
      )
      return new Markdown(notes.map(({ source }) => source).join('\n\n'))
    },
  }
}
