/** The page that shows the versions of a report side by side, and what changed from one to the next. */
import type { ElementContent, Root } from 'hast'
import { h } from 'hastscript'
import type { Locale } from '../format/locales.generated.ts'
import type { VersionDifference } from '../notebook/difference.ts'
import { differenceOfLocks } from '../notebook/lock-difference.ts'
import type { Lock } from '../notebook/lock.ts'
import { languageLinks, barOf, type Siblings } from './page-bar.ts'
import type { PageContext } from './page-context.ts'
import { pageHtml } from './page.ts'
import { reportBody } from './report-body.ts'
import { addressFrom, type ReportFiles } from './report-files.ts'
import { versionsTable } from './versions-table.ts'

/** What changed from each version to the next, newest first; a version whose predecessor has no lock is left out. */
export async function versionDifferences(
  locks: readonly Lock[],
  { root, renderer }: PageContext,
): Promise<readonly VersionDifference[]> {
  const byVersion = new Map(locks.map((lock) => [lock.version, lock]))
  const differences: VersionDifference[] = []
  for (const to of locks) {
    const from = to.previous === undefined ? undefined : byVersion.get(to.previous)
    if (from !== undefined) differences.push(await differenceOfLocks(root, renderer, from, to))
  }
  return differences
}

interface Comparison {
  readonly locale: Locale
  readonly place: string
  readonly siblings: Siblings
  readonly differences: readonly VersionDifference[]
}

export function comparisonPage(
  { id, locks }: ReportFiles,
  { locale, place, siblings, differences }: Comparison,
  context: PageContext,
): string {
  const words = context.wordsOf(locale)
  const table = sideBySide(locks, { locale, place, siblings }, context)
  const changes = differences.map((difference) => changesSince(difference, locale, context))
  const title = words.text('versionsOf', { title: locks[0]?.title ?? id })
  const first = { id: 'side-by-side', title: words.text('sideBySide') }
  const main: readonly ElementContent[] = [
    h('h1', title),
    h('section', [
      h('h2', { id: first.id }, first.title),
      ...elementsOf(table),
      h('p', words.text('asReported')),
    ]),
    ...changes.map(({ root }) => h('section', elementsOf(root))),
  ]
  const sections = [first, ...changes.flatMap((change) => change.sections)]
  const barLinks = barOf(place, locale, siblings, words)
  const languages = languageLinks(place, siblings.comparisons, context)
  return pageHtml({ locale, title, main, sections, barLinks, languages }, words, context.assets)
}

function sideBySide(
  locks: readonly Lock[],
  { locale, place, siblings }: Omit<Comparison, 'differences'>,
  { notebook, renderer, wordsOf }: PageContext,
): Root {
  const versions = locks.map((lock) => {
    const report = siblings.files.find(
      (file) => file.version === lock.version && file.locale === locale,
    )
    return { lock, ...(report !== undefined && { address: addressFrom(place, report.page) }) }
  })
  const words = {
    page: wordsOf(locale),
    notebook: notebook.words(locale),
    metrics: renderer.metricWords(locale),
  }
  return versionsTable(versions, words)
}

/** The difference as `exp diff --format md` prints it, in the language of the page. */
function changesSince(
  difference: VersionDifference,
  locale: Locale,
  { notebook, wordsOf }: PageContext,
) {
  const markdown = notebook.describe({ ...difference, locale }, 'md')
  const alone = { resolve: () => undefined, read: () => undefined }
  return reportBody(markdown, alone, wordsOf(locale))
}

function elementsOf({ children }: Root): ElementContent[] {
  return children.filter((node) => node.type !== 'doctype')
}
