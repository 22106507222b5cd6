/** The chart of where the time goes: the mean latency of each config, split into parts. */
import type { Analysis, ConfigAnalysis, Ratio } from '../analysis/analysis.ts'
import { batchesDiffer } from '../analysis/ranking.ts'
import type { TimeBar, TimeChart } from '../charts/chart.ts'
import { fixed } from '../format/number.ts'
import { latencyPartIds, metricById, type LatencyPartId, type Metric } from '../metrics/catalog.ts'
import type { Context } from './context.ts'
import { absenceText, figureText, hasValue, ratioTexts, sharedDecimals } from './figure-text.ts'
import { printedParts, type PrintedParts } from './latency-parts.ts'

/** The maximum number of bars, or hypotheses, in a chart; tables have all. */
export const maxChartRows = 12

/**
 * Undefined if there is nothing to show: if no config has latency parts and fewer than two have a latency. Also
 * undefined if requests have different numbers of inputs.
 */
export function timeChart(context: Context): TimeChart | undefined {
  const { analysis, experiment, metricWords, words } = context
  if (batchesDiffer(experiment.configs)) return undefined
  const printed = printedParts(context)
  const bars = inOrder(analysis).flatMap((config) => barOf(config, printed, context) ?? [])
  const withTotal = bars.filter(({ total }) => total !== undefined)
  if (bars.every(({ parts }) => parts === undefined) && withTotal.length < 2) return undefined
  const shown = bars.slice(0, maxChartRows)
  const parts = latencyPartIds.map((id) => metricWords.labelOf(id))
  const title = titleOf(context)
  return {
    kind: 'time',
    title,
    alt: altOf(title, shown, context),
    notes: [
      ...(analysis.standIn ? [words.text('chart.demo')] : []),
      ...(bars.length > shown.length
        ? [words.text('chart.more', { count: bars.length - shown.length })]
        : []),
    ],
    axis: `${metricWords.labelOf('latencyMean')} (ms)`,
    parts,
    bars: shown,
    partsUnknown: words.text('chart.noParts'),
    enlarged: words.text('chart.enlarged'),
  }
}

/** In the order of the file; in a race, the default and the leader come first, so that the chart has them. */
function inOrder({ configs, tuning }: Analysis): readonly ConfigAnalysis[] {
  const first = [tuning?.tuning.grid.base, tuning?.leader]
  const isFirst = ({ config }: ConfigAnalysis) => first.includes(config.key)
  return [...configs.filter(isFirst), ...configs.filter((config) => !isFirst(config))]
}

/** The bar of a config; undefined if its document gives no latency. */
function barOf(
  { config: { key }, figures }: ConfigAnalysis,
  { rows, decimals }: PrintedParts,
  context: Context,
): TimeBar | undefined {
  const { analysis, labels, metricWords, words } = context
  const label = labels.full(key)
  const split = analysis.breakdown.configs.find(({ config }) => config === key)
  const printed = rows.find(({ config }) => config === key)
  if (split !== undefined && printed !== undefined) {
    const total = `${fixed(printed.values.at(-1) ?? 0, decimals)} ms`
    const parts = latencyPartIds.map((id) => split.parts[id])
    const partTexts = latencyPartIds.map(
      (id, index) => `${metricWords.labelOf(id)} ${fixed(printed.values[index] ?? 0, decimals)} ms`,
    )
    return { label, parts, partTexts, total: split.total, text: withRatio(total, key, context) }
  }
  const ranked = rankedByLatency(analysis)
    ? analysis.ratios.find(({ config }) => config === key)?.figure
    : undefined
  const figure = ranked ?? figures.get('latencyMean')
  if (figure === undefined || figure.absence?.code === 'not-recorded') return undefined
  if (!hasValue(figure)) return { label, text: absenceText(figure.absence, words) }
  const value = `${figureText(figure, Math.min(2, sharedDecimals([figure])), words)} ms`
  const metric = metricWords.inSentence(figure.metric)
  const total =
    figure.metric.id === 'latencyMean' ? value : words.text('chart.otherMetric', { value, metric })
  return { label, total: figure.value, text: withRatio(total, key, context) }
}

/** The total with the ratio to the baseline, if there is one. */
function withRatio(total: string, key: string, { analysis, experiment, words }: Context): string {
  if (analysis.ratios.length < 2 || !rankedByLatency(analysis)) return total
  const found = analysis.ratios.find(({ config }) => config === key)
  const ratio =
    key === experiment.baseline
      ? words.text('ratio.baseline')
      : isComparable(found)
        ? ratioTexts(found.value, found.interval).value
        : undefined
  return ratio === undefined ? total : `${total} · ${ratio}`
}

/** False if the ratios are of another metric. The chart then shows latencies without comparing them. */
function rankedByLatency({ rankedBy }: Context['analysis']): boolean {
  return rankedBy.id === 'latencyMean'
}

function isComparable(ratio: Ratio | undefined): ratio is Ratio & { readonly value: number } {
  return ratio?.value !== undefined && !ratio.mixesMetrics
}

/**
 * The title states the main difference, if one is beyond noise, and the part of the latency in which it lies. The main
 * difference is the one that the report explains, or else the largest one from the baseline.
 */
function titleOf({ analysis, diagnosis, experiment, labels, metricWords, words }: Context): string {
  const plain = words.text(analysis.breakdown.configs.length > 0 ? 'chart.time' : 'chart.latency')
  const { baseline } = experiment
  if (analysis.standIn || baseline === undefined || !rankedByLatency(analysis)) return plain
  const tested = analysis.ratios
    .filter(isComparable)
    .filter(({ config, intervalInConclusion }) => config !== baseline && intervalInConclusion)
  const clear = tested
    .filter(({ intervalInConclusion: ends }) => ends && (ends.low > 1 || ends.high < 1))
    .toSorted((a, b) => Math.abs(Math.log(b.value)) - Math.abs(Math.log(a.value)))
  const explained = diagnosis?.explanations[0]
  const most =
    clear.find(({ config }) => config === explained?.subject && explained.reference === baseline) ??
    clear[0]
  if (most === undefined)
    return tested.length === 0
      ? plain
      : words.text('chart.time.same', { baseline: labels.full(baseline) })
  const difference = analysis.breakdown.differences.find(
    ({ config, base, obstacle }) =>
      config === most.config && base === baseline && obstacle === undefined,
  )
  const part = largestPart(difference?.shares)
  return words.text('chart.time.compared', {
    config: labels.full(most.config),
    baseline: labels.full(baseline),
    ratio: ratioTexts(most.value, most.interval).value,
    part: part === undefined ? '' : metricWords.inSentence(part),
  })
}

/**
 * The part that makes up more than half of a difference. Undefined if no part does, or if another part became clearly
 * shorter.
 */
function largestPart(
  shares: Readonly<Record<LatencyPartId, number>> | undefined,
): Metric | undefined {
  if (shares === undefined || latencyPartIds.some((id) => shares[id] < -10)) return undefined
  const largest = latencyPartIds.find((id) => shares[id] > 50)
  return largest && metricById(largest)
}

function altOf(title: string, bars: readonly TimeBar[], { words }: Context): string {
  const texts = bars.map(({ label, text, partTexts }) => {
    const split = partTexts?.join(words.text('join.list'))
    const value = split === undefined ? text : `${text} (${split})`
    return words.text('join.about', { name: label, value })
  })
  return [title, ...texts].join(words.text('join.parts'))
}
