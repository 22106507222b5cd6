/** The pages of one experiment: each version of its report in each language, and what changed between the versions. */
import { posix } from 'node:path'
import type { Element, ElementContent } from 'hast'
import { h } from 'hastscript'
import type { Chart } from '../charts/chart.ts'
import { drawChart } from '../charts/draw-chart.ts'
import { ExpError } from '../errors/exp-error.ts'
import { limits } from '../errors/limits.ts'
import { readFile } from '../files/read-files.ts'
import type { Locale } from '../format/locales.generated.ts'
import { findSlowReport } from '../markdown/slow-markup.ts'
import { indexFile } from '../notebook/index-page.ts'
import type { Lock } from '../notebook/lock.ts'
import { lockedAnalysis } from '../notebook/locked-analysis.ts'
import { courseCharts } from './course-charts.ts'
import { furtherCharts } from './further-charts.ts'
import { inlineSvg } from './inline-svg.ts'
import { decoded } from './links.ts'
import { barOf, languageLinks, type IndexPlaces, type Siblings } from './page-bar.ts'
import type { PageContext } from './page-context.ts'
import { inSections, pageHtml, type Page, type PageAssets } from './page.ts'
import { reportBody, type PageWords, type References } from './report-body.ts'
import { addressFrom, type ReportFile, type ReportFiles, encodePath } from './report-files.ts'
import type { PageFile } from './site-folder.ts'
import { comparisonPage, versionDifferences } from './versions-page.ts'

/** The pages one after the other: all of them together may not fit into memory. */
export async function* reportPages(
  report: ReportFiles,
  context: PageContext,
  indexes: IndexPlaces = new Map(),
): AsyncGenerator<PageFile> {
  const { files, locks } = report
  const siblings = { files, indexes, comparisons: comparisonPlaces(report) }
  const chartsOf = await furtherChartsOf(locks, files, context)
  for (const file of files) yield [file.page, onePage(file, siblings, context, chartsOf(file))]
  if (siblings.comparisons.size === 0) return
  const differences = await versionDifferences(locks, context)
  for (const [locale, place] of siblings.comparisons)
    yield [place, comparisonPage(report, { locale, place, siblings, differences }, context)]
}

/** A report as a standalone page, in which links to other files are text. */
export async function singlePage(
  report: ReportFile,
  locks: readonly Lock[],
  context: PageContext,
): Promise<string> {
  const chartsOf = await furtherChartsOf(locks, [report], context)
  const siblings = { files: [report], indexes: new Map(), comparisons: new Map() }
  return onePage(report, siblings, context, chartsOf(report))
}

/**
 * Returns a function that gives the charts that only pages have. Only the newest version has them, and only if its
 * results can be read.
 */
async function furtherChartsOf(
  [newest]: readonly Lock[],
  files: readonly ReportFile[],
  { root, renderer, wordsOf }: PageContext,
): Promise<(report: ReportFile) => readonly Chart[]> {
  const analysisIn = newest && (await lockedAnalysis(root, renderer, newest))
  if (newest === undefined || analysisIn === undefined) return () => []
  const store = renderer.storeOf(newest.experiment)
  const byLocale = new Map<Locale, readonly Chart[]>()
  for (const { locale, isCurrent } of files) {
    if (!isCurrent) continue
    const [analysis, words] = [analysisIn(locale), wordsOf(locale)]
    const courses = await courseCharts(analysis, words, (file) => store.read(file))
    byLocale.set(locale, [...furtherCharts(analysis, words), ...courses])
  }
  return ({ isCurrent, locale }) => (isCurrent ? (byLocale.get(locale) ?? []) : [])
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
    barLinks: barOf(report.page, report.locale, siblings, words),
    languages: languageLinks(
      report.page,
      new Map(languages.map(({ locale, page }) => [locale, page])),
      context,
    ),
  }
  return reportPage(report, root, { addressOf }, frame, words, assets, charts)
}

/** The files that the readers of a page have. */
interface LinkTargets {
  /** The address of a file of the project, from the page; undefined if the reader has no such file. */
  readonly addressOf: (file: string) => string | undefined
}

type PageFrame = Pick<Page, 'barLinks' | 'languages'>

function reportPage(
  report: ReportFile,
  root: string,
  { addressOf }: LinkTargets,
  frame: PageFrame,
  words: PageWords,
  assets: PageAssets,
  charts: readonly Chart[] = [],
): string {
  const folder = posix.dirname(report.file)
  let pictureBytes = 0
  const references: References = {
    resolve: (address) => {
      const [path = '', fragment] = address.split('#', 2)
      const target = addressOf(posix.join(folder, decoded(path)).replace(/\/$/, ''))
      return target === undefined || fragment === undefined ? target : `${target}#${fragment}`
    },
    read: (address) => {
      if (pictureBytes > limits.pagePictures.max) return undefined
      const found = readFile(root, posix.join(folder, decoded(address)), limits.picture)
      if (found === undefined || 'failure' in found) return undefined
      pictureBytes += found.bytes.length
      return pictureBytes > limits.pagePictures.max ? undefined : found.bytes
    },
  }
  const slow = findSlowReport(report.markdown)
  if (slow !== undefined)
    throw new ExpError('invalid-input', `${report.file}:${slow.line}: ${slow.problem}`, slow.remedy)
  const body = bodyOf(report, references, words)
  const { locale } = report
  const title = body.title === '' ? report.id : body.title
  const pictures = charts.length === 0 ? [] : [picturesSection(charts, words)]
  const main = withPictures(inSections(body.root), pictures)
  const further = pictures.map(({ id, title }) => ({ id, title }))
  const page = { locale, title, main, sections: [...body.sections, ...further], ...frame }
  return pageHtml(page, words, assets)
}

/** Throws `ExpError` with the name of the report's file. */
function bodyOf({ file, markdown }: ReportFile, references: References, words: PageWords) {
  try {
    return reportBody(markdown, references, words)
  } catch (error) {
    if (!(error instanceof ExpError)) throw error
    throw new ExpError(error.code, `${file}: ${error.message}`, error.hint)
  }
}

/**
 * Resolves project files to addresses below a base address: of a repository on the web, or of a folder on this disk.
 */
function filesBelow(address: string): LinkTargets['addressOf'] {
  return (file) =>
    /^\.\.(?:\/|$)/.test(file) ? undefined : `${address.replace(/\/$/, '')}/${encodePath(file)}`
}

interface PicturesSection {
  readonly id: string
  readonly title: string
  readonly element: Element
}

/** The charts that only pages have, as pictures. */
function picturesSection(charts: readonly Chart[], words: PageWords): PicturesSection {
  const [id, title] = ['exp-pictures', words.text('pictures')]
  const images = charts.flatMap((chart) => inlineSvg(drawChart(chart)) ?? [])
  return {
    id,
    title,
    element: h('section', [h('h2', { id }, title), h('div', { className: 'pictures' }, images)]),
  }
}

/** Inserts the pictures after the sections of the report, before its footer. */
function withPictures(
  main: readonly ElementContent[],
  pictures: readonly PicturesSection[],
): readonly ElementContent[] {
  const footer = main.findLastIndex((node) => node.type === 'element' && startsWithRule(node))
  const at = footer < 0 ? main.length : footer
  return [...main.slice(0, at), ...pictures.map(({ element }) => element), ...main.slice(at)]
}

function startsWithRule({ children: [first] }: Element): boolean {
  return first?.type === 'element' && first.tagName === 'hr'
}
