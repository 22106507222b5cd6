/**
 * The charts that only pages have: how the latencies of the requests are distributed, and the trials in their order.
 */
import type { Analysis, ConfigAnalysis } from '../analysis/analysis.ts'
import type { Chart, DistributionLine, TrialsLine } from '../charts/chart.ts'
import { oneLine } from '../format/plain-text.ts'
import { decimalsFor, fixed, integer, ratio } from '../format/number.ts'
import type { PageWords } from './report-body.ts'

/** The maximum number of configs in one chart. */
const maxLines = 12
/** The maximum number of points of a line; more would not be visible. */
const maxPoints = 150
/** The maximum length of the text alternative of a chart. The tables have all figures. */
const maxAltLength = 1500

export function furtherCharts(analysis: Analysis, words: PageWords): readonly Chart[] {
  const notes = analysis.standIn ? [words.text('pictures.demo')] : []
  return [distributionChart(analysis, notes, words), trialsChart(analysis, notes, words)].filter(
    (chart) => chart !== undefined,
  )
}

function distributionChart(
  { configs }: Analysis,
  notes: readonly string[],
  words: PageWords,
): Chart | undefined {
  const lines = configs
    .flatMap((config, index) => distributionLine(config, index) ?? [])
    .slice(0, maxLines)
  if (lines.length === 0) return undefined
  const title = words.text('pictures.distribution')
  const texts = lines.map(({ label, quantiles }) =>
    [label, ...quantiles.map(({ text }) => text)].join(' '),
  )
  return {
    kind: 'distribution',
    title,
    alt: altText(title, texts),
    notes: [...notes, words.text('pictures.distribution.dots')],
    axis: words.text('pictures.latency'),
    shareAxis: words.text('pictures.share'),
    lines,
  }
}

const quantiles = [
  { name: 'P50', metric: 'latencyP50', share: 0.5 },
  { name: 'P95', metric: 'latencyP95', share: 0.95 },
  { name: 'P99', metric: 'latencyP99', share: 0.99 },
] as const

/**
 * The line of a config; undefined without requests. Its marks show the figures of the tables: means over the rounds.
 */
function distributionLine(config: ConfigAnalysis, index: number): DistributionLine | undefined {
  const points = sharesOf(config)
  if (points.length === 0) return undefined
  return {
    label: labelOf(config),
    config: index,
    points,
    quantiles: quantiles.flatMap(({ name, metric, share }) => {
      const ms = config.figures.get(metric)?.value
      return ms === undefined ? [] : [{ name, ms, share, text: `${name} ${integer(ms)} ms` }]
    }),
  }
}

/** The cumulative distribution of the latencies of all rounds: for each latency, the share of requests up to it. */
function sharesOf({ trials }: ConfigAnalysis): DistributionLine['points'] {
  const weighted = trials
    .filter(({ outcome }) => outcome === 'ended')
    .flatMap(({ figures }) => {
      const figure = figures.get('latencyP95')
      const values = [...(figure?.ascendingValues ?? [])]
      // A trial with many requests keeps only some of their values, so each value counts for several requests.
      return values.map((ms) => ({ ms, weight: (figure?.n ?? 0) / values.length }))
    })
    .toSorted((a, b) => a.ms - b.ms)
  const total = weighted.reduce((sum, { weight }) => sum + weight, 0)
  const points: { readonly ms: number; readonly share: number }[] = []
  let sum = 0
  for (const [index, { ms, weight }] of weighted.entries()) {
    sum += weight
    const share = index === weighted.length - 1 ? 1 : sum / total
    if (share - (points.at(-1)?.share ?? 0) >= 1 / maxPoints || share === 1)
      points.push({ ms, share })
  }
  return points
}

function trialsChart(
  { configs, outliers }: Analysis,
  notes: readonly string[],
  words: PageWords,
): Chart | undefined {
  const shown = configs.flatMap((config, index) => {
    const ended = config.trials.flatMap(({ header: { round, startedAt }, figures, outcome }) => {
      const value = figures.get('latencyMean')?.value
      return value === undefined || outcome !== 'ended' ? [] : [{ round, startedAt, value }]
    })
    return ended.length === 0 ? [] : [{ config, index, ended }]
  })
  const inOrder = shown
    .flatMap(({ ended }) => ended)
    .toSorted((a, b) => Date.parse(a.startedAt) - Date.parse(b.startedAt))
  const decimals = decimalsFor(inOrder.map(({ value }) => value))
  const orders = new Map(inOrder.map((trial, order) => [trial, order]))
  const lines = shown.slice(0, maxLines).map(({ config, index, ended }): TrialsLine => {
    const odd = outliers.filter((outlier) => outlier.config === config.config.key)
    const label = labelOf(config)
    return {
      label,
      config: index,
      points: ended.map((trial) => {
        const found = odd.find(({ round }) => round === trial.round)
        const { round, value } = trial
        const note = found === undefined ? {} : { note: ratio(found.ratio) }
        const text = `${label}, ${words.text('pictures.round')} ${round}: ${fixed(value, decimals)} ms`
        return { round, order: orders.get(trial) ?? 0, value, text, ...note }
      }),
    }
  })
  if (inOrder.length < 4) return undefined
  const title = words.text('pictures.trials')
  const texts = lines.map(({ label, points }) =>
    [label, ...points.map(({ value }) => fixed(value, decimals))].join(' '),
  )
  return {
    kind: 'trials',
    title,
    alt: altText(title, texts),
    notes,
    axis: words.text('pictures.latency'),
    orderAxis: words.text('pictures.round'),
    lines,
  }
}

function labelOf({ config: { label, key } }: ConfigAnalysis): string {
  return oneLine(label) || key
}

function altText(title: string, texts: readonly string[]): string {
  return [title, ...texts].join('; ').slice(0, maxAltLength)
}
