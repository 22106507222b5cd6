/**
 * The links in the bar at the top of a page: to the index, the versions of a report, and the same page in other
 * languages.
 */
import type { Locale } from '../format/locales.generated.ts'
import type { PageContext } from './page-context.ts'
import type { Page, PageLink } from './page.ts'
import type { PageWords } from './report-body.ts'
import { addressFrom, type ReportFile } from './report-files.ts'

/** The path of the notebook's index in each language; empty if there is no index. */
export type IndexPlaces = ReadonlyMap<Locale, string>

/** The pages that belong together: the report of one experiment, in all versions and languages. */
export interface Siblings {
  readonly files: readonly ReportFile[]
  readonly indexes: IndexPlaces
  /** The page that compares the versions, in each language; empty if there is only one version. */
  readonly comparisons: ReadonlyMap<Locale, string>
}

/** @param page one of the siblings */
export function barOf(
  page: string,
  locale: Locale,
  { files, indexes, comparisons }: Siblings,
  words: PageWords,
): Page['barLinks'] {
  const link = (text: string, target: string): PageLink => ({
    text,
    address: addressFrom(page, target),
    isCurrent: target === page,
  })
  const index = indexes.get(locale)
  const comparison = comparisons.get(locale)
  const versions = files.filter((file) => file.locale === locale)
  return [
    ...(index === undefined ? [] : [link(words.text('notebook'), index)]),
    ...(versions.length < 2 ? [] : versions).map(({ version, isCurrent, page: target }) =>
      link(isCurrent ? words.text('current', { version }) : version, target),
    ),
    ...(comparison === undefined ? [] : [link(words.text('versions'), comparison)]),
  ]
}

/**
 * Links to the same page in each language, labelled with the language's own name; empty if there is only one.
 * @param places the page in each language
 */
export function languageLinks(
  page: string,
  places: ReadonlyMap<Locale, string>,
  { renderer }: Pick<PageContext, 'renderer'>,
): Page['languages'] {
  if (places.size < 2) return []
  return [...places].map(([locale, target]) => ({
    locale,
    text: renderer.reportWords(locale).textById(`language.${locale}`) ?? locale,
    address: addressFrom(page, target),
    isCurrent: target === page,
  }))
}
