import type { Locale } from '../../src/format/locales.generated.ts'
import type { PageWords } from '../../src/page/report-body.ts'
import { readWords } from '../../src/templates/words.ts'
import { shippedTemplates } from '../support/templates.ts'

export function pageWords(locale: Locale = 'en'): PageWords {
  return readWords(shippedTemplates(locale), 'page')
}
