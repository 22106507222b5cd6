/** The tables of a group: the figures of its configs and their changes. */
import type { Change, Comparison, ConfigAnalysis } from '../analysis/analysis.ts'
import { kindFacts } from '../experiment/target-kinds.ts'
import type { Metric } from '../metrics/catalog.ts'
import type { Context } from './context.ts'
import { maxColumns } from './limit.ts'
import {
  changeInterval,
  changeText,
  figureWithRuns,
  hasValue,
  sharedDecimals,
  unitText,
  absenceNotes,
  doubtNotes,
} from './figure-text.ts'
import { type Cell, type Markdown, nodes, strong } from '../markdown/markdown.ts'
import type { Figure } from '../analysis/figure.ts'
import { isAtLeast } from '../metrics/metric.ts'
import { metricsByPlace } from './shown-metrics.ts'
import { obstacleNote } from './verdict-notes.ts'

export interface MetricTables {
  /** The metrics that readers look for first, and those that the file requests. */
  readonly open: readonly Markdown[]
  /** All other figures. */
  readonly folded: readonly Markdown[]
}

/** The tables of a group; empty if it has no figures. */
export function metricTables(members: readonly ConfigAnalysis[], context: Context): MetricTables {
  const { open, folded } = metricsByPlace(members, context)
  return {
    open: tablesOf(open, members, context),
    folded: tablesOf(folded, members, context),
  }
}

function tablesOf(
  metrics: readonly Metric[],
  members: readonly ConfigAnalysis[],
  context: Context,
): readonly Markdown[] {
  if (metrics.length === 0) return []
  const comparisons = comparisonsOf(members, context)
  if (members.length <= maxColumns) return [tableByMetric(members, metrics, comparisons, context)]
  return chunks(metrics, maxMetricColumns).flatMap((some) =>
    tablesByConfig(members, some, comparisons, context),
  )
}

/** The maximum number of metrics of a table with a row per config: the headline metrics and two more fit. */
const maxMetricColumns = 8

/** The entries in lists of at most `size`. */
function chunks<Entry>(entries: readonly Entry[], size: number): readonly (readonly Entry[])[] {
  return Array.from({ length: Math.ceil(entries.length / size) }, (_, index) =>
    entries.slice(index * size, (index + 1) * size),
  )
}

/** The comparisons of these configs, each with its `from`. */
export function comparisonsOf(
  members: readonly ConfigAnalysis[],
  { analysis }: Context,
): readonly Comparison[] {
  const keys = new Set(members.map(({ config }) => config.key))
  return analysis.comparisons.filter(({ config }) => keys.has(config))
}

/** A row per metric; after the column of each compared config, a column of its changes. */
function tableByMetric(
  members: readonly ConfigAnalysis[],
  metrics: readonly Metric[],
  comparisons: readonly Comparison[],
  context: Context,
): Markdown {
  const columns = members.map((member) => ({
    member,
    comparison: comparisons.find(({ config }) => config === member.config.key),
  }))
  const isOnlyComparison = comparisons.length === 1
  const header = columns.flatMap(({ member, comparison }) => {
    const name = context.labels.short(member.config.key)
    return comparison ? [name, changeHead(comparison, isOnlyComparison, members, context)] : [name]
  })
  const rows = metrics.map((metric) => {
    const decimals = decimalsOf(metric, members, context)
    const cells = columns.flatMap(({ member, comparison }): Cell[] => {
      const cell = figureCell(member, metric, decimals, comparison !== undefined, context)
      return comparison ? [cell, changeCell(comparison.changes.get(metric.id), context)] : [cell]
    })
    return [metricHead(metric, members, context), ...cells]
  })
  return context.tables.make([context.words.text('column.metric'), ...header], rows)
}

/** A row per config: one table of figures, one of changes. */
function tablesByConfig(
  members: readonly ConfigAnalysis[],
  metrics: readonly Metric[],
  comparisons: readonly Comparison[],
  context: Context,
): readonly Markdown[] {
  const { words, labels, tables } = context
  const head = metrics.map((metric) => metricHead(metric, members, context))
  const decimals = metrics.map((metric) => decimalsOf(metric, members, context))
  const figures = members.map((member) => [
    labels.short(member.config.key),
    ...metrics.map((metric, index) =>
      figureCell(member, metric, decimals[index] ?? 0, false, context),
    ),
  ])
  const tableOfFigures = tables.make([words.text('column.config'), ...head], figures)
  const changed = metrics
    .map((metric, index) => ({ metric, index }))
    .filter(({ metric }) => comparisons.some(({ changes }) => isCompared(changes.get(metric.id))))
  if (changed.length === 0) return [tableOfFigures]
  const changes = comparisons.map((comparison) => [
    pairHead(comparison, members, context),
    ...changed.map(({ metric }) => changeCell(comparison.changes.get(metric.id), context)),
  ])
  return [
    tableOfFigures,
    tables.make(
      [
        changeColumnName(comparisons, context),
        ...changed.map(({ metric }) => context.metricWords.label(metric)),
      ],
      changes,
    ),
  ]
}

/**
 * The number of decimals of a metric in a table. It is the same in all tables with measured figures. In a table with
 * only figures of documents, these get no more decimals than they need, because further digits would be invented.
 */
function decimalsOf(
  { id }: Metric,
  members: readonly ConfigAnalysis[],
  { analysis }: Context,
): number {
  const figures = (configs: readonly ConfigAnalysis[]) =>
    configs.map((each) => each.figures.get(id)).filter(hasValue)
  const isMeasured = ({ basedOn }: Figure) => basedOn !== 'document'
  const groupFigures = figures(members)
  const others = groupFigures.some(isMeasured) ? figures(analysis.configs).filter(isMeasured) : []
  return sharedDecimals([...groupFigures, ...others])
}

export function metricHead(
  metric: Metric,
  members: readonly ConfigAnalysis[],
  { words, metricWords, footnotes }: Context,
): Cell {
  const label = metricWords.label(metric)
  const unit = unitText(metric.unit)
  if (metric.family === 'score' && members.some(hasMeaninglessScores))
    return [...nodes(label), footnotes.refer(words.markdown('server.noise'))]
  const sources = new Set(members.flatMap(({ figures }) => figures.get(metric.id)?.sources ?? []))
  if (sources.size > 0) {
    const list = [...sources].join(words.text('join.list'))
    return [
      ...nodes(label + unit),
      footnotes.refer(words.markdown('figure.source', { sources: list })),
    ]
  }
  if (!isHeadline(metric)) return label + unit
  return unit === '' ? strong(label) : [...strong(label), { type: 'text', value: unit }]
}

/** True if the embedded engine answered: its weights are synthetic, so that scores mean nothing. */
function hasMeaninglessScores({ trials }: ConfigAnalysis): boolean {
  return trials.some(({ header }) => kindFacts(header.target.actual).isSynthetic)
}

function figureCell(
  { config, figures }: ConfigAnalysis,
  metric: Metric,
  decimals: number,
  compared: boolean,
  context: Context,
): Cell {
  const { words } = context
  const figure = figures.get(metric.id)
  if (!figure || (metric.appliesTo === 'recorded' && config.kind === 'measured'))
    return words.text('absence.not-applicable')
  const shown = figureWithRuns(figure, decimals, words)
  const bold = compared && hasValue(figure) && isHeadline(metric)
  return [
    ...(bold ? strong(shown) : nodes(shown)),
    ...absenceNotes(figure, context),
    ...doubtNotes(figure, context),
  ]
}

function changeHead(
  comparison: Comparison,
  isOnlyComparison: boolean,
  members: readonly ConfigAnalysis[],
  context: Context,
): string {
  const baseInGroup = members.some(({ config }) => config.key === comparison.base)
  if (isOnlyComparison && baseInGroup) return changeColumnName([comparison], context)
  return pairHead(comparison, members, context)
}

/** `A vs B`: the head of the changes of one comparison. */
function pairHead(
  comparison: Comparison,
  members: readonly ConfigAnalysis[],
  { words, labels }: Context,
): string {
  return words.text('column.changeOver', pairLabels(comparison, members, labels))
}

/**
 * The labels of the sides of a comparison: short only if both sides are in the group, because short labels repeat in
 * others.
 */
export function pairLabels(
  { config, base }: Comparison,
  members: readonly ConfigAnalysis[],
  labels: Context['labels'],
): { readonly config: string; readonly base: string } {
  const isInGroup = members.some((member) => member.config.key === base)
  const label = (key: string) => (isInGroup ? labels.short(key) : labels.full(key))
  return { config: label(config), base: label(base) }
}

function changeColumnName(comparisons: readonly Comparison[], { words }: Context): string {
  const intervals = comparisons.some(({ changes }) =>
    [...changes.values()].some(({ interval }) => interval),
  )
  return words.text(intervals ? 'column.changeInterval' : 'column.change')
}

function isCompared(change: Change | undefined): boolean {
  return (
    change?.value !== undefined &&
    change.metric.family !== 'appliedLoad' &&
    change.metric.family !== 'count'
  )
}

/** True for a change of exactly 0 whose interval, if any, is 0 too. */
function isExactlyZero({ value, interval }: Change): boolean {
  return value === 0 && (interval?.low ?? 0) === 0 && (interval?.high ?? 0) === 0
}

/** `**+58.2%** ⬆️ (+53.6%, +63.0%)`; `?` if one side is pending. */
function changeCell(change: Change | undefined, context: Context): Cell {
  const { words } = context
  if (!change || !isCompared(change) || change.value === undefined) {
    const pending = [change?.from, change?.to].some((figure) => figure?.absence?.code === 'pending')
    return words.text(
      pending && change?.metric.appliesTo !== 'recorded' ? 'change.pending' : 'change.none',
    )
  }
  const shown = changeText(change, change.value, words)
  const mark = words.text(`mark.${change.mark}`)
  if (change.mark === 'same' && isExactlyZero(change)) return mark
  const tail = change.interval ? ` ${changeInterval(change, change.interval, words)}` : ''
  const isJudged = change.obstacle === undefined
  const value = isHeadline(change.metric) && isJudged ? strong(shown) : nodes(shown)
  const note = isJudged ? [] : [obstacleNote(change.obstacle, context)]
  const sign = change.differs === true ? '' : ` ${mark}`
  return [...value, { type: 'text', value: sign + tail }, ...note]
}

/** True for the metrics that readers look for first; they are printed in bold. */
export function isHeadline(metric: Metric): boolean {
  return isAtLeast(metric, 'headline')
}
