/** The page of one report. */
import { posix } from 'node:path'
import type { Element, ElementContent } from 'hast'
import { h } from 'hastscript'
import type { Chart } from '../charts/chart.ts'
import { drawChart } from '../charts/draw-chart.ts'
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
  charts: readonly Chart[] = [],
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
  const pictures = charts.length === 0 ? [] : [picturesSection(charts, words)]
  const main = withPictures(inSections(body.root), pictures)
  const further = pictures.map(({ id, title }) => ({ id, title }))
  const page = { locale, title, main, sections: [...body.sections, ...further], ...frame }
  return pageHtml(page, words, assets)
}

/** Leads to the files of a project below an address: those of a repository on the web, or those on this disk. */
export function filesBelow(address: string): Targets['addressOf'] {
  return (file) =>
    file.startsWith('../') ? undefined : `${address.replace(/\/$/, '')}/${encodePath(file)}`
}

interface PicturesSection {
  readonly id: string
  readonly title: string
  readonly element: Element
}

/** The charts that only pages have, as pictures. */
function picturesSection(charts: readonly Chart[], words: PageWords): PicturesSection {
  const [id, title] = ['exp-pictures', words.text('pictures')]
  const images = charts.map((chart) =>
    h('img', { className: 'picture', src: svgAddress(drawChart(chart)), alt: chart.alt }),
  )
  return {
    id,
    title,
    element: h('section', [h('h2', { id }, title), h('div', { className: 'pictures' }, images)]),
  }
}

function svgAddress(svg: string): string {
  return `data:image/svg+xml;base64,${Buffer.from(svg).toString('base64')}`
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
