/** The difference between two versions as text for the terminal, or as Markdown for a pull request. */
import type { Root, RootContent } from 'mdast'
import { dayOf } from '../format/date.ts'
import type { MetricWords } from '../report/labels.ts'
import { escapeMarkdown, table, text, writeMarkdown } from '../markdown/markdown.ts'
import { oneLine, columns } from '../format/plain-text.ts'
import type { UnmatchedReport } from './changes-since.ts'
import { chatLines } from './chat-text.ts'
import type { NotebookWords } from './template-files.ts'
import { sectionsOf, type Section } from './difference-rows.ts'
import {
  outlineOf,
  type InBothVersions,
  type MethodDifference,
  type VersionDifference,
  type VersionOutline,
} from './difference.ts'

export type DifferenceFormat = 'text' | 'md'

/**
 * @param changes the changes of the newer version, in words
 * @param metricWords the words of metrics, in the difference's locale
 * @returns lines that end with `\n`
 */
export function differenceText(
  difference: VersionDifference,
  changes: readonly string[],
  format: DifferenceFormat,
  words: NotebookWords,
  metricWords: MetricWords,
): string {
  const { experiment, from, to, against } = difference
  const before = against === undefined ? from.version : `${from.version} (${against})`
  const title = `${experiment}: ${before} → ${to.version}`
  const unchanged = against === undefined ? [words.text('difference.nothing')] : []
  const lead = [
    `${outline(from, words)} → ${outline(to, words)}`,
    ...(changes.length === 0 ? unchanged : [changes.join(words.text('join.list'))]),
  ]
  const sections = sectionsOf(difference, words, metricWords).filter(
    ({ rows, unclear = [] }) => rows.length + unclear.length > 0,
  )
  const last = [
    ...(difference.method ? [methodText(difference.method, words)] : []),
    ...(difference.configs.some(({ figures }) => figures.some(isChange))
      ? [words.text('difference.legend')]
      : []),
  ]
  return format === 'md'
    ? asMarkdown(title, lead, sections, last)
    : asText(title, lead, sections, last)
}

/** A report that is new or was removed since a commit of git. Lines that end with `\n`. */
export function newOrRemovedText(
  { how, against, lock, reasons }: UnmatchedReport,
  format: DifferenceFormat,
  words: NotebookWords,
): string {
  const version = outline(outlineOf(lock), words)
  const line = words.text(`difference.${how}`, { experiment: lock.experiment, version, against })
  if (format === 'text') return `${oneLine(line)}\n`
  const lines = how === 'new' ? ['', ...chatLines(lock, reasons, words)] : []
  return `${[`## ${escapeMarkdown(line)}`, ...lines].join('\n')}\n`
}

function methodText({ from, to, recomputed }: MethodDifference, words: NotebookWords): string {
  const values = { from: String(from), to: String(to) }
  return words.text(recomputed ? 'difference.recomputed' : 'difference.otherMethod', values)
}

function outline({ version, date, state, standIn }: VersionOutline, words: NotebookWords): string {
  const notes = [
    ...(date === undefined ? [] : [dayOf(date)]),
    ...(state === 'open' ? [words.text('difference.open')] : []),
    ...(standIn ? [words.text('difference.standIn')] : []),
  ]
  return notes.length === 0 ? version : `${version} (${notes.join(words.text('join.note'))})`
}

function isChange({ from, to }: InBothVersions<number>): boolean {
  return from !== undefined && to !== undefined
}

function asMarkdown(
  title: string,
  lead: readonly string[],
  sections: readonly Section[],
  last: readonly string[],
): string {
  const heading = (depth: 2 | 3, value: string): RootContent => ({
    type: 'heading',
    depth,
    children: text(value),
  })
  const paragraph = (value: string): RootContent => ({ type: 'paragraph', children: text(value) })
  const root: Root = {
    type: 'root',
    children: [
      heading(2, title),
      ...lead.map(paragraph),
      ...sections.flatMap((section) => [heading(3, section.title), ...sectionNodes(section)]),
      ...last.map(paragraph),
    ],
  }
  return writeMarkdown(root)
}

function sectionNodes({ header, rows, unclear = [], unclearTitle = '' }: Section): RootContent[] {
  const shown = rows.length > 0 ? [table(header, rows)] : []
  if (unclear.length === 0) return shown
  return [
    ...shown,
    { type: 'html', value: `<details>\n<summary>${unclearTitle}</summary>` },
    table(header, unclear),
    { type: 'html', value: '</details>' },
  ]
}

function asText(
  title: string,
  lead: readonly string[],
  sections: readonly Section[],
  last: readonly string[],
): string {
  const blocks = [
    [title, ...lead.map(oneLine)],
    ...sections.map((section) => [
      section.title,
      ...(section.rows.length > 0 ? columns([section.header, ...section.rows]) : []).map(
        (line) => `  ${line}`,
      ),
      ...((section.unclear ?? []).length > 0 ? [`  ${section.unclearTitle ?? ''}`] : []),
    ]),
    ...(last.length > 0 ? [last] : []),
  ]
  return `${blocks.map((lines) => lines.join('\n')).join('\n\n')}\n`
}
