/** Reads the templates of a locale. The project's files override those of the package. */
import path from 'node:path'
import { ExpError } from '../errors/exp-error.ts'
import { limits } from '../errors/limits.ts'
import { didYouMean } from '../errors/did-you-mean.ts'
import { namesIn, readText, unreadable } from '../files/read-files.ts'
import type { Locale } from '../format/locales.generated.ts'
import type { TemplateFile, TemplateSet } from '../templates/templates.ts'
import { templateNames } from '../templates/words.generated.ts'
import type { VerdictCode } from '../analysis/analysis.ts'
import type { Words } from '../templates/words.ts'

/** The folder that holds `templates` of the package. */
const packageRoot = path.join(import.meta.dirname, '../..')

/**
 * Throws `ExpError('template')` if a folder other than the package's has a file that is not a template.
 * @param root the project's folder, whose templates override those of the package; without it, only the package's are
 *   read
 * @param others a folder with one folder per locale, whose templates override all others
 */
export function readTemplates(locale: Locale, root?: string, others?: string): TemplateSet {
  const set = new Map<string, TemplateFile>()
  const folders = [
    { root: packageRoot, folder: 'templates' },
    ...(root === undefined || root === packageRoot ? [] : [{ root, folder: 'templates' }]),
    ...(others === undefined ? [] : [{ root: others, folder: '.' }]),
  ]
  for (const { root: base, folder } of folders) {
    const directory = path.join(folder, locale)
    for (const name of namesIn(base, directory).filter((one) => !one.startsWith('.'))) {
      const file = `templates/${locale}/${name}`
      if (base !== packageRoot && !isTemplate(name))
        throw new ExpError(
          'template',
          `${file} is not a template that reports use`,
          didYouMean(name, templateNames, 'remove it'),
        )
      const found = readText(base, path.join(directory, name), limits.template)
      if (found === undefined) continue
      if ('failure' in found) throw unreadable(file, found.failure)
      set.set(name, { file, text: found.text })
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
  return words.text(`verdict.${code}`)
}
