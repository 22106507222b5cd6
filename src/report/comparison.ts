/** All configs compared with the baseline: latency ratios, latency parts and differing settings. */
import type { PhrasingContent } from 'mdast'
import type { Ratio, Status } from '../analysis/analysis.ts'
import type { Doubt } from '../analysis/figure.ts'
import { documentSource, excerptSource } from '../analysis/trial-facts.ts'
import { statusThresholds } from '../analysis/ratios.ts'
import { configOf, type Context } from './context.ts'
import {
  absenceText,
  emptyCell,
  figureText,
  hasValue,
  ratioTexts,
  sharedDecimals,
  doubtText,
  markedIfUnpaired,
  unitText,
} from './figure-text.ts'
import { columnsWithRanking, modelsView } from './models.ts'
import { differenceTable } from './differences.ts'
import { gpuFacts, gpuTable } from './gpu-table.ts'
import { asWritten, integer, ratio } from '../format/number.ts'
import { obstacleNote } from './verdict-notes.ts'
import { boldLabel } from './labels.ts'
import { latencyParts } from './latency-parts.ts'
import { type Cell, Markdown, nodes, strong } from '../markdown/markdown.ts'
import type { ComparisonView } from './view.ts'

/** Null if there is nothing to compare. */
export function comparisonView(context: Context): ComparisonView | null {
  const { standIn, ratios: rows } = context.analysis
  const byThreshold: readonly Status[] = ['good', 'poor', 'bad']
  const hasThresholds = !standIn && rows.some(({ status }) => byThreshold.includes(status))
  const ratios = ratioTable(context)
  const parts = latencyParts(context)
  const gpu = gpuTable(context)
  const differences = differenceTable(context, gpu === null ? new Set() : gpuFacts)
  if (!ratios && !parts && !gpu && !differences) return null
  return {
    ratios,
    good: hasThresholds ? threshold(statusThresholds.good, context) : null,
    poor: hasThresholds ? threshold(statusThresholds.poor, context) : null,
    moreIsBetter: context.analysis.rankedBy.direction === 'higher',
    models: modelsView(context),
    latencyParts: parts,
    gpu,
    differences: differences?.table ?? null,
    differenceSources: differences?.sources ?? null,
    differencesStated: differences?.documents.includes(documentSource) ?? false,
    differencesExcerpt: differences?.documents.includes(excerptSource) ?? false,
    differencesInherited: differences?.inherited ?? false,
    differencesRequested: differences?.requested === 'some',
    differencesUnset: differences?.unset ?? false,
    differencesIdle:
      differences === null || differences.withoutEffect === 0
        ? null
        : integer(differences.withoutEffect),
    differencesOnlyRequested: differences?.requested === 'all',
  }
}

/** A threshold of the status as a ratio: `2x`; `0.5x` for metrics whose higher values are better. */
function threshold(times: number, { analysis }: Context): string {
  return `${analysis.rankedBy.direction === 'higher' ? 1 / times : times}x`
}

function ratioTable(context: Context): Markdown | null {
  const { analysis, words, tables, experiment } = context
  const beside = columnsWithRanking(context)
  if (analysis.ratios.length < 2) return null
  const baseline = analysis.ratios.find(({ config }) => config === experiment.baseline)
  const intervals = analysis.ratios.some(({ interval }) => interval !== undefined)
  const decimals = sharedDecimals(analysis.ratios.map(({ figure }) => figure).filter(isMeasured), 2)
  const header = [
    words.text('column.config'),
    rankingHead(context),
    words.text(intervals ? 'column.ratioInterval' : 'column.ratio'),
    ...beside.map(({ head }) => head),
    ...(analysis.standIn ? [] : [words.text('column.status')]),
  ]
  return tables.make(
    header,
    analysis.ratios.map((row) => [
      boldLabel(context.labels.full(row.config)),
      figureText(row.figure, Math.min(decimals, 2), words),
      ratioCell(row, baseline, context),
      ...beside.map(({ cell }) => cell(row.config)),
      ...(analysis.standIn
        ? []
        : [row.status === 'reference' ? emptyCell : words.text(`status.${row.status}`)]),
    ]),
  )
}

/** The head of the column of figures. The head for latencies also covers times for one sample. */
function rankingHead({ analysis: { rankedBy }, words, metricWords }: Context): string {
  return rankedBy.id === 'latencyMean'
    ? words.text('column.latency')
    : metricWords.label(rankedBy) + unitText(rankedBy.unit)
}

function isMeasured({ value, basedOn }: Ratio['figure']): boolean {
  return value !== undefined && basedOn !== 'document'
}

function ratioCell(row: Ratio, baseline: Ratio | undefined, context: Context): Cell {
  const { words } = context
  if (row.config === baseline?.config && hasValue(row.figure)) return words.text('ratio.baseline')
  if (row.obstacle !== undefined)
    return [...nodes(words.text('change.none')), obstacleNote(row.obstacle, context)]
  if (row.value === undefined) return missingRatio(row, baseline, context)
  const isPoor = row.status === 'bad' || row.status === 'poor'
  const texts = ratioTexts(row.value, row.interval)
  const value = isPoor && !context.analysis.standIn ? strong(texts.value) : nodes(texts.value)
  const intervalText = markedIfUnpaired(texts.interval, row.unpaired, words)
  const interval: readonly PhrasingContent[] =
    intervalText === '' ? [] : [{ type: 'text', value: ` ${intervalText}` }]
  return [...value, ...interval, ...differentMetricsNote(row, baseline, context)]
}

function missingRatio(row: Ratio, baseline: Ratio | undefined, context: Context): string {
  const { words } = context
  const states = [row, baseline].map((each) => each && configOf(context, each.config).state)
  if (states.includes('pending')) return words.text('change.pending')
  return hasValue(row.figure) ? words.text('ratio.none') : absenceText(row.figure.absence, words)
}

/**
 * A footnote on a ratio of two different metrics. It names both and lists the doubts. If a doubt names the true
 * latency, it also gives the ratio of that latency.
 */
function differentMetricsNote(
  row: Ratio,
  baseline: Ratio | undefined,
  context: Context,
): readonly PhrasingContent[] {
  if (!row.mixesMetrics || !baseline) return []
  const { words, metricWords } = context
  const sentences = [
    words.markdown('ratio.mixture', {
      metric: metricWords.label(row.figure.metric),
      baselineMetric: metricWords.inSentence(baseline.figure.metric),
    }),
    ...row.figure.doubts.flatMap((doubt) => [
      doubtText(doubt, context),
      ...latencyRatio(doubt, baseline, context),
    ]),
  ]
  const note = sentences.map(({ source }) => source).join(words.text('join.sentences'))
  return [context.footnotes.refer(new Markdown(note))]
}

/** The ratio of the true latency to the baseline, if the doubt names that latency. */
function latencyRatio(
  { details }: Doubt,
  { figure }: Ratio,
  { words }: Context,
): readonly Markdown[] {
  const latencyMs = details['latencyMs']
  if (typeof latencyMs !== 'number' || figure.value === undefined) return []
  const values = {
    latencyMs: asWritten(latencyMs),
    ratio: ratio(latencyMs / figure.value),
  }
  return [words.markdown('doubt.latencyRatio', values)]
}
