/** The chart of the headline figures over the versions of a report. */
import type { HistoryChart, HistoryLine } from '../charts/chart.ts'
import { decimalsFor, fixed } from '../format/number.ts'
import type { Context } from './context.ts'
import { ratioTexts } from './figure-text.ts'
import type { HeadlineFigure } from './report-input.ts'
import { headlineColumn, historyOf } from './versions.ts'

/** The fewest versions with figures that make a chart; fewer are read faster in the table. */
const minVersions = 3
/** The most versions that fit beside each other. */
const maxVersions = 12

/** Undefined for fewer than three versions with the same kind of figure. */
export function historyChart(context: Context): HistoryChart | undefined {
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

function pointOf(version: string, { metric, interval }: HeadlineFigure, value: number) {
  return {
    version,
    value,
    ...(interval && { interval: { low: interval.low, high: interval.high } }),
    text:
      metric === 'ratio' ? ratioTexts(value, interval).value : fixed(value, decimalsFor([value])),
  }
}
