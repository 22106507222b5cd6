/** The difference between two versions as text for the terminal, or as Markdown for a pull request. */
import type { Root, RootContent } from 'mdast'
import type { VerdictCode } from '../analysis/analysis.ts'
import { defaultFloor } from '../analysis/noise-floor.ts'
import { metricById, metrics, type Metric } from '../metrics/catalog.ts'
import { dayOf } from '../format/date.ts'
import { unitText } from '../report/figure-text.ts'
import type { MetricWords } from '../report/labels.ts'
import { decimalsFor, fixed, percentChange, percentage, signed } from '../format/number.ts'
import { table, text, writeMarkdown } from '../markdown/markdown.ts'
import { oneLine } from '../format/plain-text.ts'
import { columns } from '../format/columns.ts'
import { verdictIcon, type NotebookWords } from './template-files.ts'
import type {
  ClaimDifference,
  ConfigDifference,
  Sides,
  VersionDifference,
  VersionOutline,
} from './difference.ts'

export type DifferenceFormat = 'text' | 'md'

interface Section {
  readonly title: string
  readonly header: readonly string[]
  readonly rows: readonly (readonly string[])[]
}

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
  const { experiment, from, to } = difference
  const title = `${experiment}: ${from.version} → ${to.version}`
  const lead = [
    `${outline(from, words)} → ${outline(to, words)}`,
    changes.length === 0 ? words.say('difference.nothing') : changes.join(words.say('join.list')),
  ]
  const sections = sectionsOf(difference, words, metricWords).filter(({ rows }) => rows.length > 0)
  const last = difference.configs.some(({ figures }) => figures.some(isChange))
    ? [words.say('difference.untested')]
    : []
  return format === 'md'
    ? asMarkdown(title, lead, sections, last)
    : asText(title, lead, sections, last)
}

function outline({ version, date, state, standIn }: VersionOutline, words: NotebookWords): string {
  const notes = [
    ...(date === undefined ? [] : [dayOf(date)]),
    ...(state === 'open' ? [words.say('difference.open')] : []),
    ...(standIn ? [words.say('difference.standIn')] : []),
  ]
  return notes.length === 0 ? version : `${version} (${notes.join(words.say('join.note'))})`
}

function sectionsOf(
  { configs, claims }: VersionDifference,
  words: NotebookWords,
  metricWords: MetricWords,
): readonly Section[] {
  const section = (
    title: 'configs' | 'settings' | 'figures' | 'claims',
    header: readonly ColumnName[],
    rows: Section['rows'],
  ): Section => ({
    title: words.say(`difference.${title}`),
    header: header.map((name) => words.say(`difference.${name}`)),
    rows,
  })
  return [
    section(
      'configs',
      ['config', 'before', 'now'],
      configs.flatMap((one) => configRow(one, words)),
    ),
    section('settings', ['config', 'setting', 'before', 'now'], configs.flatMap(settingRows)),
    section(
      'figures',
      ['config', 'metric', 'before', 'now', 'change'],
      configs.flatMap((one) => figureRows(one, words, metricWords)),
    ),
    section(
      'claims',
      ['hypothesis', 'target', 'before', 'now'],
      claims.map((one) => claimRow(one, words)),
    ),
  ]
}

type ColumnName =
  'config' | 'setting' | 'metric' | 'hypothesis' | 'target' | 'before' | 'now' | 'change'

/** A row if the config itself changed: added, removed, renamed, or measured again. */
function configRow(
  { label, how, previousLabel, state, run }: ConfigDifference,
  words: NotebookWords,
): readonly (readonly string[])[] {
  const side = (
    name: string | undefined,
    configState: ConfigState | undefined,
    runId: string | undefined,
  ): string =>
    [
      name ?? '',
      configState === undefined ? '' : words.say(`difference.${configState}`),
      runId ?? '',
    ]
      .filter((part) => part !== '')
      .join(', ')
  const before = how === 'added' ? none : side(previousLabel, state.from, run.from)
  const now = how === 'removed' ? none : side(undefined, state.to, run.to)
  return how === 'kept' && previousLabel === undefined && before === now
    ? []
    : [[label, before, now]]
}

type ConfigState = NonNullable<ConfigDifference['state']['to']>

function settingRows({ label, settings }: ConfigDifference): readonly (readonly string[])[] {
  return settings.map(({ name, from, to }) => [
    label,
    name.replace(/^(?:env|options)\./, ''),
    from === undefined ? none : String(from),
    to === undefined ? none : String(to),
  ])
}

function figureRows(
  { label, figures }: ConfigDifference,
  words: NotebookWords,
  metricWords: MetricWords,
): readonly (readonly string[])[] {
  const inOrder = figures.toSorted((a, b) => sortIndex(a.metric) - sortIndex(b.metric))
  return inOrder.flatMap((figure) => {
    const metric = metricById(figure.metric)
    if (!metric) return []
    const { from, to } = figure
    const decimals = decimalsFor([from, to].filter((value) => value !== undefined))
    const side = (value: number | undefined): string =>
      value === undefined ? none : metric.unit === '%' ? percentage(value) : fixed(value, decimals)
    return [
      [
        label,
        metricWords.label(metric) + unitText(metric.unit),
        side(from),
        side(to),
        changeText(metric, figure, words),
      ],
    ]
  })
}

/** The position in the catalogue of metrics. All scores share the last position. */
function sortIndex(metric: string): number {
  const at = metrics.findIndex(({ id }) => id === metric)
  return at === -1 ? metrics.length : at
}

function isChange({ from, to }: Sides<number>): boolean {
  return from !== undefined && to !== undefined
}

function changeText(metric: Metric, { from, to }: Sides<number>, words: NotebookWords): string {
  if (from === undefined || to === undefined) return ''
  const ratio = metric.change === 'ratio'
  const value = ratio ? ((to - from) / from) * 100 : to - from
  if (!Number.isFinite(value)) return ''
  const shown = ratio
    ? percentChange(value)
    : metric.unit === '%'
      ? words.say('difference.points', { value: signed(value) })
      : `${signed(value)} ${metric.unit}`
  if (metric.direction === 'neither') return shown
  const better = value > 0 === (metric.direction === 'higher')
  return `${shown} ${Math.abs(value) <= defaultFloor ? '❔' : better ? '⬆️' : '⬇️'}`
}

function claimRow(claim: ClaimDifference, words: NotebookWords): readonly string[] {
  const { id, statement, how, target, measured, verdict } = claim
  const side = (value: number | undefined, code: VerdictCode | undefined): string =>
    [
      value === undefined ? '' : measuredText(claim, value, words),
      code === undefined ? '' : verdictIcon(code, words),
    ]
      .filter((part) => part !== '')
      .join(' ')
  const now = target.to ?? none
  return [
    `${id} ${statement}`,
    how === 'kept' && target.from !== target.to
      ? `${target.from ?? none} → ${now}`
      : (target.to ?? target.from ?? none),
    how === 'added' ? none : side(measured.from, verdict.from),
    how === 'removed' ? none : side(measured.to, verdict.to),
  ]
}

function measuredText(
  { kind, metric }: ClaimDifference,
  value: number,
  words: NotebookWords,
): string {
  const known = metricById(metric)
  switch (kind) {
    case 'change':
      return percentChange(value)
    case 'ratio':
      return `${fixed(value, 1)}%`
    case 'same':
      return known?.change === 'difference'
        ? words.say('difference.points', { value: signed(value) })
        : percentChange(value)
    case 'value':
      return known?.unit === '%'
        ? percentage(value)
        : `${fixed(value, decimalsFor([value]))} ${known?.unit ?? ''}`.trim()
  }
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
      ...sections.flatMap((section) => [
        heading(3, section.title),
        table(section.header, section.rows),
      ]),
      ...last.map(paragraph),
    ],
  }
  return writeMarkdown(root)
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
      ...columns([section.header, ...section.rows]).map((line) => `  ${line}`),
    ]),
    ...(last.length > 0 ? [last] : []),
  ]
  return `${blocks.map((lines) => lines.join('\n')).join('\n\n')}\n`
}

const none = '-'
