/** The tables of the difference between two versions, as texts. */
import type { VerdictCode } from '../analysis/analysis.ts'
import { metricById, metrics, type Metric } from '../metrics/catalog.ts'
import { unitText } from '../report/figure-text.ts'
import type { MetricWords } from '../report/labels.ts'
import { decimalsFor, fixed, percentChange, percentage, ratio, signed } from '../format/number.ts'
import { verdictIcon, type NotebookWords } from './template-files.ts'
import type {
  ClaimDifference,
  ConfigDifference,
  RatioDifference,
  VersionDifference,
} from './difference.ts'
import type { LockedClaim } from './lock.ts'
import type { Tested } from './tested-change.ts'

export interface Section {
  readonly title: string
  readonly header: readonly string[]
  readonly rows: readonly (readonly string[])[]
  /** Rows without a clear difference: folded in Markdown, left out in the terminal. */
  readonly unclear?: readonly (readonly string[])[]
  /** The title of these rows. */
  readonly unclearTitle?: string
}

export function sectionsOf(
  { ratios, configs, claims }: VersionDifference,
  words: NotebookWords,
  metricWords: MetricWords,
): readonly Section[] {
  const section = (
    title: 'ratios' | 'configs' | 'settings' | 'figures' | 'claims',
    header: readonly ColumnName[],
    rows: Section['rows'],
    unclear: Section['rows'] = [],
  ): Section => ({
    title: words.text(`difference.${title}`),
    header: header.map((name) => words.text(`difference.${name}`)),
    rows,
    unclear,
    unclearTitle: words.text('difference.unclear', { count: unclear.length }),
  })
  const figures = configs.flatMap((one) => figureRows(one, words, metricWords))
  const rowsOf = (all: readonly DifferenceRow[], isClear: boolean) =>
    all.filter((row) => row.isClear === isClear).map(({ cells }) => cells)
  const ratioRows = ratios.map((one) => ratioRow(one))
  return [
    section(
      'ratios',
      ['config', 'before', 'now', 'change'],
      rowsOf(ratioRows, true),
      rowsOf(ratioRows, false),
    ),
    section(
      'configs',
      ['config', 'before', 'now'],
      configs.flatMap((one) => configRow(one, words)),
    ),
    section('settings', ['config', 'setting', 'before', 'now'], configs.flatMap(settingRows)),
    section(
      'figures',
      ['config', 'metric', 'before', 'now', 'change'],
      rowsOf(figures, true),
      rowsOf(figures, false),
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
      configState === undefined ? '' : words.text(`difference.${configState}`),
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

type FigureDifference = ConfigDifference['figures'][number]
type ConfigState = NonNullable<ConfigDifference['state']['to']>

function settingRows({ label, settings }: ConfigDifference): readonly (readonly string[])[] {
  return settings.map(({ name, from, to }) => [
    label,
    name.replace(/^(?:env|options)\./, ''),
    from === undefined ? none : String(from),
    to === undefined ? none : String(to),
  ])
}

/** A row of a table; `isClear` is false if its change may be due to noise or run-to-run variation. */
interface DifferenceRow {
  readonly cells: readonly string[]
  readonly isClear: boolean
}

function ratioRow({ label, from, to, ...tested }: RatioDifference): DifferenceRow {
  const side = (value: number | undefined) => (value === undefined ? none : ratio(value))
  const change = from === undefined || to === undefined ? '' : percentChange((to / from - 1) * 100)
  return {
    cells: [label, side(from), side(to), `${change} ${markIcons[tested.mark]}`.trim()],
    isClear: isClear({ direction: 'lower' }, tested),
  }
}

function figureRows(
  { label, figures }: ConfigDifference,
  words: NotebookWords,
  metricWords: MetricWords,
): readonly DifferenceRow[] {
  const inOrder = figures.toSorted((a, b) => sortIndex(a.metric) - sortIndex(b.metric))
  return inOrder.flatMap((figure) => {
    const metric = metricById(figure.metric)
    if (!metric) return []
    const { from, to } = figure
    const decimals = decimalsFor([from, to].filter((value) => value !== undefined))
    const side = (value: number | undefined): string =>
      value === undefined ? none : metric.unit === '%' ? percentage(value) : fixed(value, decimals)
    const cells = [
      label,
      metricWords.label(metric) + unitText(metric.unit),
      side(from),
      side(to),
      changeText(metric, figure, words),
    ]
    return [{ cells, isClear: isClear(metric, figure) }]
  })
}

/** False for a tested change that is neither better nor worse. */
function isClear({ direction }: Pick<Metric, 'direction'>, { mark, interval }: Tested): boolean {
  if (interval === undefined || mark === 'better' || mark === 'worse') return true
  return direction === 'neither' && (interval.low > 0 || interval.high < 0)
}

/** The position in the catalogue of metrics. All scores share the last position. */
function sortIndex(metric: string): number {
  const at = metrics.findIndex(({ id }) => id === metric)
  return at === -1 ? metrics.length : at
}

const markIcons = { better: '⬆️', worse: '⬇️', same: '≈', unknown: '❔' } as const

function changeText(
  metric: Metric,
  { from, to, mark }: FigureDifference,
  words: NotebookWords,
): string {
  if (from === undefined || to === undefined) return ''
  const isRatio = metric.change === 'ratio'
  const value = isRatio ? ((to - from) / from) * 100 : to - from
  if (!Number.isFinite(value)) return ''
  const shown = isRatio
    ? percentChange(value)
    : metric.unit === '%'
      ? words.text('difference.points', { value: signed(value) })
      : `${signed(value)} ${metric.unit}`
  return metric.direction === 'neither' ? shown : `${shown} ${markIcons[mark]}`
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

/** What a hypothesis measured, in the unit of its claim. */
export function measuredText(
  { kind, metric }: Pick<LockedClaim, 'kind' | 'metric'>,
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
        ? words.text('difference.points', { value: signed(value) })
        : percentChange(value)
    case 'value':
      return known?.unit === '%'
        ? percentage(value)
        : `${fixed(value, decimalsFor([value]))} ${known?.unit ?? ''}`.trim()
  }
}

const none = '-'
