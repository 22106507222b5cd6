import type { VerdictCode } from '../analysis/analysis.ts'
import type { Locale } from '../format/locale.ts'
import type { Words } from '../templates/words.ts'

/** The words of the notebook in one locale: `templates/<locale>/notebook.yaml`. */
export type NotebookWords = Words<'notebook'>

/** Returns the words of a locale. */
export type WordsOf = (locale: Locale) => NotebookWords

/** A short form of a verdict: its icon, and the direction if the icon does not show it. */
export function verdictIcon(code: VerdictCode, words: NotebookWords): string {
  return words.say(`verdict.${code}`)
}
