/** The site of a notebook: an index in each language, and the pages of its reports. */
import { ExpError } from '../errors/exp-error.ts'
import { locales, type Locale } from '../format/locales.generated.ts'
import { commonLocale, type Overview } from '../notebook/overview.ts'
import { indexMain } from './notebook-index.ts'
import { languageLinks, type IndexPlaces } from './page-bar.ts'
import type { PageContext } from './page-context.ts'
import { pageHtml } from './page.ts'
import { encodePath, reportFiles, type ReportFile } from './report-files.ts'
import { reportPages } from './report-pages.ts'
import type { PageFile } from './site-folder.ts'

export interface Site {
  /** Each page is made when it is read. */
  readonly pages: AsyncIterable<PageFile>
  /** The page of the index in each language. */
  readonly indexes: ReadonlyMap<Locale, string>
  /** The errors of the experiments that have no page because of an error. Complete once all pages are read. */
  readonly failures: readonly ExpError[]
}

export function siteOf(context: PageContext): Site {
  const { overviews, failures: unreadable } = context.notebook.list()
  const indexes = indexPaths(overviews)
  const failures = [...unreadable]
  return { pages: pagesOf(overviews, indexes, failures, context), indexes, failures }
}

/** @param failures gets the reports that cannot be shown */
async function* pagesOf(
  overviews: readonly Overview[],
  indexes: IndexPlaces,
  failures: ExpError[],
  context: PageContext,
): AsyncGenerator<PageFile> {
  const shown: ShownReport[] = []
  for (const { id, version } of overviews)
    try {
      if (version === undefined) continue
      const report = reportFiles(context.root, id)
      yield* reportPages(report, context, indexes)
      shown.push(...report.files.map(withoutText))
    } catch (error) {
      if (!(error instanceof ExpError)) throw error
      failures.push(error)
    }
  for (const [locale, place] of indexes) {
    const entries = context.notebook.list(locale).overviews
    yield [place, index(locale, { overviews: entries, files: shown, paths: indexes }, context)]
  }
}

/** What the index needs of a report, whose text would stay in memory otherwise. */
type ShownReport = Pick<ReportFile, 'id' | 'locale' | 'isCurrent' | 'page'>

function withoutText({ id, locale, isCurrent, page }: ReportFile): ShownReport {
  return { id, locale, isCurrent, page }
}

/** The path of the index in each language; the most frequent language of the reports comes first. */
function indexPaths(overviews: readonly Overview[]): ReadonlyMap<Locale, string> {
  const first = commonLocale(overviews.map(({ locale }) => locale))
  const others = locales.filter((locale) => locale !== first)
  return new Map([
    [first, 'index.html'],
    ...others.map((locale): [Locale, string] => [locale, `index.${locale}.html`]),
  ])
}

interface Index {
  readonly overviews: readonly Overview[]
  readonly files: readonly ShownReport[]
  readonly paths: ReadonlyMap<Locale, string>
}

function index(locale: Locale, { overviews, files, paths }: Index, context: PageContext): string {
  const { notebook, wordsOf, assets } = context
  const words = wordsOf(locale)
  const entries = overviews.map((overview) => {
    const report = currentReport(files, overview.id, locale)
    return { overview, ...(report !== undefined && { address: encodePath(report.page) }) }
  })
  const languages = languageLinks(paths.get(locale) ?? '', paths, context)
  const main = indexMain(entries, locale, words, notebook.words(locale))
  const title = words.text('notebook')
  return pageHtml({ locale, title, main, sections: [], barLinks: [], languages }, words, assets)
}

/** The newest report of an experiment, in this language if there is one. */
function currentReport(
  files: readonly ShownReport[],
  id: string,
  locale: Locale,
): ShownReport | undefined {
  const current = files.filter((file) => file.id === id && file.isCurrent)
  return current.find((file) => file.locale === locale) ?? current[0]
}
