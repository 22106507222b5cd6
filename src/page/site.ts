/** The site of a notebook: an index in each language, and the pages of its reports. */
import { locales, type Locale } from '../format/locales.generated.ts'
import type { Notebook } from '../notebook/notebook.ts'
import { commonLocale, type Overview } from '../notebook/overview.ts'
import { indexMain } from './notebook-index.ts'
import { pageHtml, type PageLink } from './page.ts'
import { encodePath, reportFiles, type ReportFile } from './report-files.ts'
import { languageNames, reportPages, type PageContext } from './report-pages.ts'

/** The HTML of each page, by its place. */
export function sitePages(notebook: Notebook, context: PageContext): ReadonlyMap<string, string> {
  const overviews = notebook.list()
  const reports = overviews.flatMap(({ id, version }) =>
    version === undefined ? [] : [reportFiles(context.root, id)],
  )
  const files = reports.flatMap((report) => report.files)
  const places = indexPlaces(overviews)
  const indexes = [...places].map(([locale, place]): [string, string] => [
    place,
    index(locale, { overviews, files, places }, notebook, context),
  ])
  return new Map([
    ...indexes,
    ...reports.flatMap((report) => [...reportPages(report, context, places)]),
  ])
}

/** Where the index lies in each language; the most frequent language of the reports comes first. */
export function indexPlaces(overviews: readonly Overview[]): ReadonlyMap<Locale, string> {
  const first = commonLocale(overviews.map(({ locale }) => locale))
  const others = locales.filter((locale) => locale !== first)
  return new Map([
    [first, 'index.html'],
    ...others.map((locale): [Locale, string] => [locale, `index.${locale}.html`]),
  ])
}

interface Index {
  readonly overviews: readonly Overview[]
  readonly files: readonly ReportFile[]
  readonly places: ReadonlyMap<Locale, string>
}

function index(
  locale: Locale,
  { overviews, files, places }: Index,
  notebook: Notebook,
  { wordsOf, assets }: PageContext,
): string {
  const words = wordsOf(locale)
  const entries = overviews.map((overview) => {
    const report = currentReport(files, overview.id, locale)
    return { overview, ...(report !== undefined && { address: encodePath(report.page) }) }
  })
  const languages = [...places].map(([one, address]): PageLink & { readonly locale: Locale } => ({
    locale: one,
    text: languageNames[one],
    address,
    isCurrent: one === locale,
  }))
  const main = indexMain(entries, locale, words, notebook.words(locale))
  const title = words.text('notebook')
  return pageHtml({ locale, title, main, sections: [], places: [], languages }, words, assets)
}

/** The newest report of an experiment, in this language if there is one. */
function currentReport(
  files: readonly ReportFile[],
  id: string,
  locale: Locale,
): ReportFile | undefined {
  const current = files.filter((file) => file.id === id && file.isCurrent)
  return current.find((file) => file.locale === locale) ?? current[0]
}
