/** The pages of one experiment: each version of its report in each language, linked with each other. */
import type { Locale } from '../format/locales.generated.ts'
import { indexFile } from '../notebook/index-page.ts'
import { readTemplates } from '../notebook/template-files.ts'
import { readWords } from '../templates/words.ts'
import type { PageAssets } from './page.ts'
import type { PageWords } from './report-body.ts'
import { addressFrom, type ReportFile, type ReportFiles } from './report-files.ts'
import { filesBelow, reportPage } from './report-page.ts'

export interface PageContext {
  readonly root: string
  readonly assets: PageAssets
  readonly wordsOf: (locale: Locale) => PageWords
  /** Where the files of the project are for the readers; absent if they have only the pages. */
  readonly source?: string
}

export function pageContext(root: string, assets: PageAssets, source?: string): PageContext {
  return {
    root,
    assets,
    wordsOf: (locale) => readWords(readTemplates(locale, root), 'page'),
    ...(source !== undefined && { source }),
  }
}

/** Where the index of the notebook lies, in each language. */
type IndexPlaces = ReadonlyMap<Locale, string>

/**
 * The HTML of each page, by its place.
 * @param indexes empty if there is no index
 */
export function reportPages(
  { files }: ReportFiles,
  context: PageContext,
  indexes: IndexPlaces = new Map(),
): ReadonlyMap<string, string> {
  return new Map(files.map((report) => [report.page, onePage(report, files, context, indexes)]))
}

/** A report as one page on its own: its links to other files are text. */
export function singlePage(report: ReportFile, context: PageContext): string {
  return onePage(report, [report], context, new Map())
}

function onePage(
  report: ReportFile,
  files: readonly ReportFile[],
  { root, assets, wordsOf, source }: PageContext,
  indexes: IndexPlaces,
): string {
  const below = source === undefined ? () => undefined : filesBelow(source)
  const pages = new Map(files.map(({ file, page }) => [file, page]))
  const index = indexes.get(report.locale)
  if (index !== undefined) pages.set(indexFile, index)
  const addressOf = (file: string) => {
    const page = pages.get(file)
    return page === undefined ? below(file) : addressFrom(report.page, page)
  }
  const words = wordsOf(report.locale)
  const home =
    index === undefined
      ? []
      : [{ text: words.text('notebook'), address: addressFrom(report.page, index) }]
  const frame = {
    places: [...home, ...versionLinks(report, files, words)],
    languages: languageLinks(report, files),
  }
  return reportPage(report, root, { addressOf }, frame, words, assets)
}

/** The versions in the language of the report; none if there is only one. */
function versionLinks(report: ReportFile, files: readonly ReportFile[], words: PageWords) {
  const versions = files.filter(({ locale }) => locale === report.locale)
  if (versions.length < 2) return []
  return versions.map(({ version, page, isCurrent }) => ({
    text: isCurrent ? words.text('current', { version }) : version,
    address: addressFrom(report.page, page),
    isCurrent: page === report.page,
  }))
}

function languageLinks(report: ReportFile, files: readonly ReportFile[]) {
  const languages = files.filter(({ version }) => version === report.version)
  if (languages.length < 2) return []
  return languages.map(({ locale, page }) => ({
    locale,
    text: languageNames[locale],
    address: addressFrom(report.page, page),
    isCurrent: page === report.page,
  }))
}

/** Each language in its own words. */
export const languageNames: Readonly<Record<Locale, string>> = { 'zh-CN': '中文', en: 'English' }
