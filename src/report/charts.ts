/** The charts of a report, as data, and the Markdown that shows them. */
import type { Chart, HistoryChart, HistoryLine } from '../charts/chart.ts'
import { decimalsFor, fixed } from '../format/number.ts'
import { oneLine } from '../format/plain-text.ts'
import { block, type Markdown } from '../markdown/markdown.ts'
import { frontChart } from './front-chart.ts'
import { levelsChart } from './levels-chart.ts'
import { claimsChart } from './claims-chart.ts'
import type { Context } from './context.ts'
import { ratioTexts } from './figure-text.ts'
import type { HeadlineFigure } from './report-input.ts'
import { timeChart } from './time-chart.ts'
import { headlineColumn, historyOf, isRatioFigure } from './versions.ts'

/** The charts that a report shows, each at most once; empty for a version without charts. */
export function chartsOf(context: Context): readonly Chart[] {
  if (!context.version.hasCharts) return []
  return [
    timeChart(context),
    claimsChart(context),
    levelsChart(context),
    frontChart(context),
    historyChart(context),
  ].filter((chart) => chart !== undefined)
}

/** The file of a chart, relative to the report: `charts/v1.1/time.en.svg`. */
export function chartFile(kind: Chart['kind'], version: string, locale: string): string {
  return `charts/${version}/${kind}.${locale}.svg`
}

/** The maximum length of the text alternative of a chart. The tables have all figures. */
const maxAltLength = 1500

/** The image of one kind of chart; null if the report has none. */
export function chartImage(
  charts: readonly Chart[],
  kind: Chart['kind'],
  { version, locale }: Context,
): Markdown | null {
  const chart = charts.find((each) => each.kind === kind)
  if (chart === undefined) return null
  const url = chartFile(kind, version.version, locale)
  const alt = oneLine(chart.alt).slice(0, maxAltLength)
  return block({ type: 'paragraph', children: [{ type: 'image', url, alt }] })
}

/** The minimum number of versions with figures for a chart; fewer are easier to read in the table. */
const minVersions = 3
/** The maximum number of versions that fit beside each other. */
const maxVersions = 12

/** The headline figures over the versions of a report. Undefined for fewer than three with the same kind of figure. */
function historyChart(context: Context): HistoryChart | undefined {
  const { experiment, words } = context
  const { column, entries } = historyOf(context)
  const comparable = entries
    .filter(({ headline }) => headline.length > 0 && headlineColumn(headline) === column)
    .slice(0, maxVersions)
    .toReversed()
  const lines = experiment.configs.flatMap(({ label }, config): readonly HistoryLine[] => {
    const points = comparable.flatMap(({ version, headline }) => {
      const figure = headline.find((each) => each.label === label)
      return figure?.value === undefined ? [] : [pointOf(version, figure, figure.value)]
    })
    return points.length === 0
      ? []
      : [{ label: context.labels.full(experiment.configs[config]?.key ?? ''), config, points }]
  })
  const versions = comparable.map(({ version }) => version)
  const [longest] = lines.toSorted((a, b) => b.points.length - a.points.length)
  const [first, last] = [longest?.points[0], longest?.points.at(-1)]
  if (longest === undefined || first === undefined || last === undefined) return undefined
  if (longest.points.length < minVersions) return undefined
  const title = words.text('chart.history', {
    label: longest.label,
    first: first.version,
    from: first.text,
    last: last.version,
    to: last.text,
  })
  const texts = lines.map(({ label, points }) => {
    const values = points.map(({ version, text }) =>
      words.text('join.about', { name: version, value: text }),
    )
    return words.text('join.about', { name: label, value: values.join(words.text('join.list')) })
  })
  return {
    kind: 'history',
    title,
    alt: [title, ...texts].join(words.text('join.parts')),
    notes: [],
    axis: words.text(column),
    versions,
    lines,
  }
}

function pointOf(version: string, figure: HeadlineFigure, value: number) {
  const { interval } = figure
  return {
    version,
    value,
    ...(interval && { interval: { low: interval.low, high: interval.high } }),
    text: isRatioFigure(figure)
      ? ratioTexts(value, interval).value
      : fixed(value, decimalsFor([value])),
  }
}
