import { type WordsOf, readTemplates } from '../../src/notebook/template-files.ts'
import { readWords } from '../../src/templates/words.ts'

/** The package's words of the notebook. */
export const wordsOf: WordsOf = (locale) => readWords(readTemplates(locale), 'notebook')
