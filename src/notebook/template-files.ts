/** The templates of a locale: the package's own, and over them, file by file, the project's. */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { ExpError } from '../errors/exp-error.ts'
import { didYouMean } from '../errors/did-you-mean.ts'
import type { Locale } from '../format/locale.ts'
import type { TemplateFile, TemplateSet } from '../templates/templates.ts'
import { templateNames } from '../templates/template-names.ts'

/** The folder `templates` of the package. */
export const packageTemplates = path.join(import.meta.dirname, '../../templates')

/**
 * Throws `ExpError('template')` where a folder over the package's own has a file that no report uses.
 * @param folders each with one folder a locale; the later go over the earlier
 */
export function readTemplates(locale: Locale, folders: readonly string[]): TemplateSet {
  const set = new Map<string, TemplateFile>()
  for (const folder of new Set(folders)) {
    const directory = path.join(folder, locale)
    const names = existsSync(directory) ? readdirSync(directory).sort() : []
    for (const name of names.filter((name) => !name.startsWith('.'))) {
      const file = `templates/${locale}/${name}`
      if (folder !== packageTemplates && !isTemplate(name))
        throw new ExpError(
          'template',
          `${file} is no template of a report`,
          didYouMean(name, templateNames, 'remove it'),
        )
      set.set(name, { file, text: readFileSync(path.join(directory, name), 'utf8') })
    }
  }
  return set
}

function isTemplate(name: string): boolean {
  return templateNames.some((known) => known === name)
}
