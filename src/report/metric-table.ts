/** The tables of a group: the figures of its configs and their changes. */
import type { Change, Comparison, ConfigAnalysis } from '../analysis/analysis.ts'
import { kindFacts } from '../experiment/target-kinds.ts'
import type { Metric } from '../metrics/catalog.ts'
import type { Context } from './context.ts'
import { maxColumns } from './limit.ts'
import {
  changeInterval,
  changeText,
  figureText,
  hasValue,
  sharedDecimals,
  unitText,
  doubtNotes,
} from './figure-text.ts'
import { type Cell, type Markdown, nodes, strong } from '../markdown/markdown.ts'
import type { Figure } from '../analysis/figure.ts'
import type { Experiment } from '../experiment/experiment.ts'
import { isAtLeast } from '../metrics/metric.ts'
import { obstacleNote } from './verdict-notes.ts'

export interface MetricTables {
  /** The metrics that readers look for first, and those that the file requests. */
  readonly open: readonly Markdown[]
  /** All other figures. */
  readonly folded: readonly Markdown[]
}

/** The tables of a group; empty if it has no figures. */
export function metricTables(members: readonly ConfigAnalysis[], context: Context): MetricTables {
  const metrics = metricsOf(members, context.experiment)
  const requested = requestedMetrics(context.experiment)
  const isFirst = (metric: Metric) => isAtLeast(metric, 'unfolded') || requested.has(metric.id)
  // If a document gives only other figures, none of them is folded.
  const isOpen = metrics.some(isFirst) ? isFirst : () => true
  return {
    open: tablesOf(metrics.filter(isOpen), members, context),
    folded: tablesOf(
      metrics.filter((metric) => !isOpen(metric)),
      members,
      context,
    ),
  }
}

function tablesOf(
  metrics: readonly Metric[],
  members: readonly ConfigAnalysis[],
  context: Context,
): readonly Markdown[] {
  if (metrics.length === 0) return []
  const comparisons = comparisonsOf(members, context)
  if (members.length > maxColumns) return tablesByConfig(members, metrics, comparisons, context)
  return [tableByMetric(members, metrics, comparisons, context)]
}

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
  const alone = comparisons.length === 1
  const header = columns.flatMap(({ member, comparison }) => {
    const name = context.labels.short(member.config.key)
    return comparison ? [name, changeHead(comparison, alone, members, context)] : [name]
  })
  const rows = metrics.map((metric) => {
    const decimals = decimalsOf(metric, members, context)
    const cells = columns.flatMap(({ member, comparison }): Cell[] => {
      const cell = figureCell(member, metric, decimals, comparison !== undefined, context)
      return comparison ? [cell, changeCell(comparison.changes.get(metric.id), context)] : [cell]
    })
    return [metricHead(metric, members, context), ...cells]
  })
  return context.tables.make([context.words.say('column.metric'), ...header], rows)
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
  const tableOfFigures = tables.make([words.say('column.config'), ...head], figures)
  const changed = metrics
    .map((metric, index) => ({ metric, index }))
    .filter(({ metric }) => comparisons.some(({ changes }) => isCompared(changes.get(metric.id))))
  if (changed.length === 0) return [tableOfFigures]
  const changes = comparisons.map((comparison) => [
    changeOver(comparison, context),
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
 * The number of decimals of a metric. Measured figures have the same number in all tables of the report. Figures of
 * documents have only as many as their table needs, because more digits would be invented.
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

function metricHead(
  metric: Metric,
  members: readonly ConfigAnalysis[],
  { words, metricWords, footnotes }: Context,
): Cell {
  const label = metricWords.label(metric)
  const unit = unitText(metric.unit)
  if (metric.family === 'score' && members.some(isNoise))
    return [...nodes(label), footnotes.refer(words.write('server.noise'))]
  if (!isHeadline(metric)) return label + unit
  return unit === '' ? strong(label) : [...strong(label), { type: 'text', value: unit }]
}

/** True if the embedded engine answered: its synthetic weights make scores meaningless. */
function isNoise({ trials }: ConfigAnalysis): boolean {
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
    return words.say('absence.not-applicable')
  const shown = figureText(figure, decimals, words)
  const bold = compared && hasValue(figure) && isHeadline(metric)
  return [...(bold ? strong(shown) : nodes(shown)), ...doubtNotes(figure, context)]
}

function changeHead(
  comparison: Comparison,
  alone: boolean,
  members: readonly ConfigAnalysis[],
  context: Context,
): string {
  const baseInGroup = members.some(({ config }) => config.key === comparison.base)
  if (alone && baseInGroup) return changeColumnName([comparison], context)
  return changeOver(comparison, context)
}

function changeOver({ config, base }: Comparison, { words, labels }: Context): string {
  return words.say('column.changeOver', { config: labels.short(config), base: labels.short(base) })
}

function changeColumnName(comparisons: readonly Comparison[], { words }: Context): string {
  const intervals = comparisons.some(({ changes }) =>
    [...changes.values()].some(({ interval }) => interval),
  )
  return words.say(intervals ? 'column.changeInterval' : 'column.change')
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
    return words.say(
      pending && change?.metric.appliesTo !== 'recorded' ? 'change.pending' : 'change.none',
    )
  }
  const shown = changeText(change, change.value, words)
  const mark = words.say(`mark.${change.mark}`)
  if (change.mark === 'same' && isExactlyZero(change)) return mark
  const tail = change.interval ? ` ${changeInterval(change, change.interval)}` : ''
  const isJudged = change.obstacle === undefined
  const value = isHeadline(change.metric) && isJudged ? strong(shown) : nodes(shown)
  const note = isJudged ? [] : [obstacleNote(change.obstacle, context)]
  return [...value, { type: 'text', value: ` ${mark}${tail}` }, ...note]
}

/** True for the metrics that readers look for first; they are printed in bold. */
export function isHeadline(metric: Metric): boolean {
  return isAtLeast(metric, 'headline')
}

type MetricRequests = Pick<Experiment, 'hypotheses' | 'show'>

/** The ids of the metrics that the file requests in claims and in `show`. */
function requestedMetrics({ hypotheses, show }: MetricRequests): ReadonlySet<string> {
  return new Set([...hypotheses.map(({ claim }) => claim.metric), ...show])
}

/**
 * The metrics of a group's tables: those that are prominent enough, that the file requests, or that a document gives. At
 * least one config must have a figure, or lack it for a reason that the table shows.
 */
export function metricsOf(
  configs: readonly ConfigAnalysis[],
  experiment: MetricRequests,
): readonly Metric[] {
  const requested = requestedMetrics(experiment)
  const hasDocument = configs.some(({ state }) => state === 'recorded')
  const recorded = new Set(
    configs.flatMap(({ config }) =>
      config.kind === 'recorded' ? config.figures.map(({ metric }) => metric) : [],
    ),
  )
  const known = new Map<string, Metric>()
  for (const { figures } of configs) for (const [id, { metric }] of figures) known.set(id, metric)
  return [...known.values()]
    .filter(
      (metric) =>
        requested.has(metric.id) ||
        recorded.has(metric.id) ||
        (isAtLeast(metric, 'document') && (metric.prominence !== 'document' || hasDocument)),
    )
    .filter(({ id }) =>
      configs.some(({ figures }) => isWorthShowing(figures.get(id), requested.has(id))),
    )
}

/** Reasons for a missing figure for which a metric still has a row: always, and only if the file requests the metric. */
const shownAbsences: ReadonlySet<string> = new Set(['too-few', 'none-ok', 'short-window', 'audit'])
const absencesIfRequested: ReadonlySet<string> = new Set([
  'one-token',
  'cache-unknown',
  'no-evidence',
])

function isWorthShowing(figure: Figure | undefined, isRequested: boolean): boolean {
  const code = figure?.absence?.code ?? ''
  return (
    hasValue(figure) || shownAbsences.has(code) || (isRequested && absencesIfRequested.has(code))
  )
}
