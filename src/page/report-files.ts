/** The report files of a notebook, one per version and language, each with the path of its page. */
import { posix } from 'node:path'
import { ExpError } from '../errors/exp-error.ts'
import { forShell } from '../errors/quote.ts'
import { environmentLocale } from '../format/locale-name.ts'
import { locales, type Locale } from '../format/locales.generated.ts'
import type { Lock } from '../notebook/lock.ts'
import { noReportOf } from '../notebook/project.ts'
import { newestLock, frozenName, readReportFolder } from '../notebook/report-folder.ts'

/** One version of a report in one language. */
export interface ReportFile {
  readonly id: string
  readonly version: string
  readonly isCurrent: boolean
  readonly locale: Locale
  /** Relative to the project's root, with forward slashes: `reports/docker-opt/README.en.md`. */
  readonly file: string
  readonly markdown: string
  /** The path of its page in a site: `docker-opt/index.en.html`. */
  readonly page: string
}

export interface ReportFiles {
  readonly id: string
  /** Newest first. */
  readonly locks: readonly Lock[]
  /** Newest version first; within a version, the experiment's first locale first. */
  readonly files: readonly ReportFile[]
}

/** The reports of an experiment. Throws `ExpError` if it has none, or if the newest one cannot be read. */
export function reportFiles(root: string, id: string): ReportFiles {
  const folder = readReportFolder(root, id)
  const current = newestLock(folder)
  if (current === undefined) throw noReportOf(root, id)
  const locks = folder.locks.map(({ lock }) => lock).reverse()
  const files = locks.flatMap((lock) => {
    const isCurrent = lock === current.lock
    const readmes = localesOf(lock)
    return readmes.flatMap(([readme, locale]): ReportFile[] => {
      const name = isCurrent ? readme : frozenName(readme, lock.version)
      const file = `${folder.name}/${name}`
      const bytes = folder.files.get(name)
      if (bytes === undefined && isCurrent) throw missing(id, file)
      if (bytes === undefined) return [] // a frozen version that was removed
      const { version } = lock
      const markdown = bytes.toString('utf8')
      return [{ id, version, isCurrent, locale, file, markdown, page: pageOf(file) }]
    })
  })
  return { id, locks, files }
}

/**
 * The newest version of the report in the language that `chooseLocale` chooses.
 * @param lang the requested language
 */
export function currentReport(
  { id, files }: ReportFiles,
  lang: Locale | undefined,
  env: Readonly<Record<string, string | undefined>>,
): ReportFile {
  const current = files.filter(({ isCurrent }) => isCurrent)
  const written = current.map(({ locale }) => locale)
  const locale = chooseLocale(`\`${id}\``, written, lang, env)
  const found = current.find((file) => file.locale === locale)
  if (found === undefined) throw new Error(`no report of ${id} in ${locale}`)
  return found
}

/** The reports that a lock names, with their locales; the experiment's first locale first. */
function localesOf(lock: Lock): readonly (readonly [readme: string, locale: Locale])[] {
  return Object.keys(lock.files)
    .flatMap((name) => {
      const [, written] = /^README(?:\.([A-Za-z-]+))?\.md$/.exec(name) ?? []
      const locale = name === 'README.md' ? lock.locale : locales.find((one) => one === written)
      return locale === undefined ? [] : [[name, locale] as const]
    })
    .sort(([a], [b]) => Number(b === 'README.md') - Number(a === 'README.md') || (a < b ? -1 : 1))
}

/** The page of a report: `reports/docker-opt/v1.0.en.md` is `docker-opt/v1.0.en.html`, and a README is `index.html`. */
function pageOf(file: string): string {
  return file
    .replace(/^reports\//, '')
    .replace(/README(?=[^/]*$)/, 'index')
    .replace(/\.md$/, '.html')
}

/** The relative address of a target, from a page. */
export function addressFrom(page: string, target: string): string {
  return encodePath(posix.relative(posix.dirname(page), target))
}

export function encodePath(path: string): string {
  return path.split('/').map(encodeURIComponent).join('/')
}

function missing(id: string, file: string): ExpError {
  return new ExpError(
    'invalid-input',
    `\`${file}\` does not exist, and the lock of \`${id}\` names it`,
    `run \`exp report ${forShell(id)}\`, or restore the file from git`,
  )
}

type Env = Readonly<Record<string, string | undefined>>

/**
 * The requested language, or else the terminal's, or else the first one in which the page is written.
 * @param what how messages name the page
 * @param written the languages that it is written in
 * @throws ExpError `invalid-input` if the report is not written in the requested language
 */
export function chooseLocale(
  what: string,
  written: readonly Locale[],
  lang: Locale | undefined,
  env: Env,
): Locale {
  const [first] = written
  if (first === undefined) throw new Error(`${what} has no language`)
  if (lang === undefined) return written.find((one) => one === environmentLocale(env)) ?? first
  if (written.includes(lang)) return lang
  throw new ExpError(
    'invalid-input',
    `there is no page of ${what} in \`${lang}\``,
    `The languages are ${written.join(', ')}; \`locale:\` in an experiment file lists those of its report.`,
  )
}
