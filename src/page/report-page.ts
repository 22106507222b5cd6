/** The page of one report. */
import { posix } from 'node:path'
import { readFile } from '../files/read-files.ts'
import { ExpError } from '../errors/exp-error.ts'
import { limits } from '../errors/limits.ts'
import { findSlowMarkup } from '../markdown/slow-markup.ts'
import { decoded } from './links.ts'
import { inSections, pageHtml, type Page, type PageAssets } from './page.ts'
import { reportBody, type PageWords, type Surroundings } from './report-body.ts'
import { encodePath, type ReportFile } from './report-files.ts'

/** Where the readers of a page find what its report links to. */
export interface Targets {
  /** The address of a file of the project, from the page; undefined if the reader has no such file. */
  readonly addressOf: (file: string) => string | undefined
}

export type PageFrame = Pick<Page, 'places' | 'languages'>

export function reportPage(
  report: ReportFile,
  root: string,
  { addressOf }: Targets,
  frame: PageFrame,
  words: PageWords,
  assets: PageAssets,
): string {
  const folder = posix.dirname(report.file)
  const surroundings: Surroundings = {
    resolve: (address) => {
      const [path = '', fragment] = address.split('#', 2)
      const target = addressOf(posix.join(folder, decoded(path)).replace(/\/$/, ''))
      return target === undefined || fragment === undefined ? target : `${target}#${fragment}`
    },
    read: (address) => {
      const found = readFile(root, posix.join(folder, decoded(address)), limits.picture)
      return found !== undefined && 'bytes' in found ? found.bytes : undefined
    },
  }
  const slow = findSlowMarkup(report.markdown)
  if (slow !== undefined)
    throw new ExpError('invalid-input', `${report.file}:${slow.line}: ${slow.problem}`, slow.wayOut)
  const body = reportBody(report.markdown, surroundings, words)
  const { locale } = report
  const title = body.title === '' ? report.id : body.title
  const page = { locale, title, main: inSections(body.root), sections: body.sections, ...frame }
  return pageHtml(page, words, assets)
}

/** Leads to the files of a project below an address: those of a repository on the web, or those on this disk. */
export function filesBelow(address: string): Targets['addressOf'] {
  return (file) =>
    file.startsWith('../') ? undefined : `${address.replace(/\/$/, '')}/${encodePath(file)}`
}
