/** The site of a notebook: an index in each language, and the pages of its reports. */
import { ExpError } from '../errors/exp-error.ts'
import { locales, type Locale } from '../format/locales.generated.ts'
import { commonLocale, type Overview } from '../notebook/overview.ts'
import { indexMain } from './notebook-index.ts'
import { languageLinks } from './page-bar.ts'
import type { PageContext } from './page-context.ts'
import { pageHtml } from './page.ts'
import { encodePath, reportFiles, type ReportFile } from './report-files.ts'
import { reportPages } from './report-pages.ts'

export interface Site {
  /** The HTML of each page, by its path. */
  readonly pages: ReadonlyMap<string, string>
  /** The page of the index in each language. */
  readonly indexes: ReadonlyMap<Locale, string>
  /** The errors of the experiments that have no page because of an error. */
  readonly failures: readonly ExpError[]
}

export async function siteOf(context: PageContext): Promise<Site> {
  const { overviews, failures } = context.notebook.list()
  const indexes = indexPlaces(overviews)
  const pages = new Map<string, string>()
  const shown: ReportFile[] = []
  const failed: ExpError[] = []
  for (const { id, version } of overviews)
    try {
      if (version === undefined) continue
      const report = reportFiles(context.root, id)
      for (const [place, html] of await reportPages(report, context, indexes))
        pages.set(place, html)
      shown.push(...report.files)
    } catch (error) {
      if (!(error instanceof ExpError)) throw error
      failed.push(error)
    }
  for (const [locale, place] of indexes)
    pages.set(
      place,
      index(
        locale,
        { overviews: context.notebook.list(locale).overviews, files: shown, places: indexes },
        context,
      ),
    )
  return { pages, indexes, failures: [...failures, ...failed] }
}

/** The path of the index in each language; the most frequent language of the reports comes first. */
function indexPlaces(overviews: readonly Overview[]): ReadonlyMap<Locale, string> {
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

function index(locale: Locale, { overviews, files, places }: Index, context: PageContext): string {
  const { notebook, wordsOf, assets } = context
  const words = wordsOf(locale)
  const entries = overviews.map((overview) => {
    const report = currentReport(files, overview.id, locale)
    return { overview, ...(report !== undefined && { address: encodePath(report.page) }) }
  })
  const languages = languageLinks(places.get(locale) ?? '', places, context)
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
