/**
 * Collects the footnotes of one report, numbered in the order of their first reference; equal notes share a number.
 * Their names begin with `exp-`, so that people's own footnotes do not replace them: Markdown uses the first
 * definition of a name.
 */
import type { PhrasingContent } from 'mdast'
import { footnoteDefinition, footnoteReference, Markdown, parseInline } from './markdown.ts'

export interface Footnotes {
  /** Returns a reference to the note with this text. */
  refer(note: Markdown): PhrasingContent
  /** The definitions of all notes, or `null` if no note was referred to. */
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
