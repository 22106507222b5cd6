/** The words of terminal output. The terminal speaks English, whatever the locale of an experiment. */
import type { Locale } from '../format/locale.ts'
import { packageTemplates, readTemplates } from '../notebook/template-files.ts'
import { readWords, type Words } from '../templates/words.ts'

export type TerminalWords = Words<'terminal'>

const terminalLocale: Locale = 'en'

/** Reads `templates/en/terminal.yaml`. */
export function readTerminalWords(): TerminalWords {
  return readWords(readTemplates(terminalLocale, [packageTemplates]), 'terminal')
}
