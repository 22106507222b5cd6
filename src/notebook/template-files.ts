/** Reads the templates of a locale. The project's files override those of the package. */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { ExpError } from '../errors/exp-error.ts'
import { didYouMean } from '../errors/did-you-mean.ts'
import type { Locale } from '../format/locales.generated.ts'
import type { TemplateFile, TemplateSet } from '../templates/templates.ts'
import { templateNames } from '../templates/words.generated.ts'
import type { VerdictCode } from '../analysis/analysis.ts'
import type { Words } from '../templates/words.ts'

/** The folder `templates` of the package. */
export const packageTemplates = path.join(import.meta.dirname, '../../templates')

/**
 * Throws `ExpError('template')` if a folder other than the package's has a file that is not a template.
 * @param folders each has one folder per locale; files in later folders override those in earlier ones
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
          `${file} is not a template that reports use`,
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

/** The words of the notebook in one locale: `templates/<locale>/notebook.yaml`. */
export type NotebookWords = Words<'notebook'>

/** Returns the words of a locale. */
export type WordsOf = (locale: Locale) => NotebookWords

/** A short form of a verdict: its icon, and the direction if the icon does not show it. */
export function verdictIcon(code: VerdictCode, words: NotebookWords): string {
  return words.say(`verdict.${code}`)
}
