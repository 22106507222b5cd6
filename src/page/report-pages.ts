/** The pages of one experiment: each version of its report in each language, and what changed between the versions. */
import type { Chart } from '../charts/chart.ts'
import type { Locale } from '../format/locales.generated.ts'
import { indexFile } from '../notebook/index-page.ts'
import { lockedAnalysis } from '../notebook/locked-analysis.ts'
import type { Lock } from '../notebook/lock.ts'
import { furtherCharts } from './further-charts.ts'
import { barOf, languageLinks, type IndexPlaces, type Siblings } from './page-bar.ts'
import type { PageContext } from './page-context.ts'
import { addressFrom, type ReportFile, type ReportFiles } from './report-files.ts'
import { filesBelow, reportPage } from './report-page.ts'
import { comparisonPage, versionDifferences } from './versions-page.ts'

/** The HTML of each page, by its place. */
export async function reportPages(
  report: ReportFiles,
  context: PageContext,
  indexes: IndexPlaces = new Map(),
): Promise<ReadonlyMap<string, string>> {
  const { files, locks } = report
  const siblings = { files, indexes, comparisons: comparisonPlaces(report) }
  const chartsOf = await furtherChartsOf(locks, context)
  const pages = new Map(
    files.map((file) => [file.page, onePage(file, siblings, context, chartsOf(file))]),
  )
  if (siblings.comparisons.size === 0) return pages
  const differences = await versionDifferences(locks, context)
  for (const [locale, place] of siblings.comparisons)
    pages.set(place, comparisonPage(report, { locale, place, siblings, differences }, context))
  return pages
}

/** A report as one page on its own: its links to other files are text. */
export async function singlePage(
  report: ReportFile,
  locks: readonly Lock[],
  context: PageContext,
): Promise<string> {
  const chartsOf = await furtherChartsOf(locks, context)
  const siblings = { files: [report], indexes: new Map(), comparisons: new Map() }
  return onePage(report, siblings, context, chartsOf(report))
}

/** Returns the charts that only pages have; the newest version has them, if its results can be read. */
async function furtherChartsOf(
  [newest]: readonly Lock[],
  { root, renderer, wordsOf }: PageContext,
): Promise<(report: ReportFile) => readonly Chart[]> {
  const analysisIn = newest && (await lockedAnalysis(root, renderer, newest))
  return ({ isCurrent, locale }) =>
    analysisIn !== undefined && isCurrent ? furtherCharts(analysisIn(locale), wordsOf(locale)) : []
}

/** The page that compares the versions, in each language of the newest one; empty if there is only one version. */
function comparisonPlaces({ id, locks, files }: ReportFiles): ReadonlyMap<Locale, string> {
  if (locks.length < 2) return new Map()
  const current = files.filter(({ isCurrent }) => isCurrent)
  return new Map(
    current.map(({ locale, page }) => [
      locale,
      `${id}/${page.slice(page.lastIndexOf('/') + 1).replace(/^index/, 'versions')}`,
    ]),
  )
}

function onePage(
  report: ReportFile,
  siblings: Siblings,
  context: PageContext,
  charts: readonly Chart[],
): string {
  const { root, assets, wordsOf, source } = context
  const { files, indexes } = siblings
  const below = source === undefined ? () => undefined : filesBelow(source)
  const pages = new Map(files.map(({ file, page }) => [file, page]))
  const index = indexes.get(report.locale)
  if (index !== undefined) pages.set(indexFile, index)
  const addressOf = (file: string) => {
    const page = pages.get(file)
    return page === undefined ? below(file) : addressFrom(report.page, page)
  }
  const words = wordsOf(report.locale)
  const languages = files.filter(({ version }) => version === report.version)
  const frame = {
    places: barOf(report.page, report.locale, siblings, words),
    languages: languageLinks(
      report.page,
      new Map(languages.map(({ locale, page }) => [locale, page])),
    ),
  }
  return reportPage(report, root, { addressOf }, frame, words, assets, charts)
}
