import { readFileSync } from 'node:fs'
import type { Locale } from '../../src/format/locales.generated.ts'
import type { TemplateSet } from '../../src/templates/templates.ts'
import { templateNames } from '../../src/templates/words.generated.ts'

/** The templates that come with the program. */
export function shippedTemplates(locale: Locale): TemplateSet {
  return new Map(
    templateNames.map((name) => {
      const file = `templates/${locale}/${name}`
      return [name, { file, text: readFileSync(file, 'utf8') }]
    }),
  )
}

/** The same, with the texts of some files replaced. */
export function withTemplates(
  locale: Locale,
  texts: Readonly<Record<string, string>>,
): TemplateSet {
  const changed = Object.entries(texts).map(
    ([name, text]) => [name, { file: `templates/${locale}/${name}`, text }] as const,
  )
  return new Map([...shippedTemplates(locale), ...changed])
}
