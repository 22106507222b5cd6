/** The chart of throughput and latency over the levels of a load. */
import type { LevelsChart, LevelsLine } from '../charts/chart.ts'
import type { LoadLevel, LoadSeries } from '../experiment/levels/load-series.ts'
import type { Objective } from '../experiment/threshold.ts'
import { decimalsFor, fixed } from '../format/number.ts'
import { plainText } from '../markdown/markdown.ts'
import { metricById, type MetricId } from '../metrics/catalog.ts'
import { capacitySentence, rateText, seriesLabel } from './capacity-text.ts'
import type { Context } from './context.ts'
import { unitText } from './figure-text.ts'
import { objectiveText } from './hypothesis-table.ts'

/** The metric of the latency panel: the first objective on a time, or else the P95. */
function latencyMetric(objectives: readonly Objective[]): MetricId {
  const families: readonly (string | undefined)[] = ['latency', 'firstToken', 'stream']
  const objective = objectives.find(({ metric }) => families.includes(metricById(metric)?.family))
  return objective?.metric ?? 'latencyP95'
}

/** The picture of throughput and latency over the load. Undefined if fewer than two levels have figures. */
export function levelsChart(context: Context): LevelsChart | undefined {
  const { analysis, experiment, words, metricWords } = context
  const { capacities = [] } = analysis
  const [first] = capacities
  if (first === undefined) return undefined
  const shown = capacities.filter(({ series }) => series.of === first.series.of)
  const { objectives = [] } = experiment
  const latency = latencyMetric(objectives)
  const panels = (['qps', latency] as const).map((id) => {
    const metric = metricById(id)
    const objective = objectives.find((each) => each.metric === id)
    return {
      axis: `${metricWords.labelOf(id)}${unitText(metric?.unit ?? 'ms')}`,
      ...(objective && {
        bound: { value: objective.threshold.value, text: objectiveText(objective, context) },
      }),
      lines: shown.map(({ series }, index) => lineOf(series, id, index, context)),
    }
  })
  const levels = [
    ...new Set(shown.flatMap(({ series }) => series.levels.map(({ value }) => value))),
  ]
  if (panels.every(({ lines }) => lines.every(({ points }) => points.length < 2))) return undefined
  const sentences = shown.map((each) => plainText(capacitySentence(each, context)))
  const title = shown.length === 1 ? (sentences[0] ?? '') : words.text('chart.levels')
  return {
    kind: 'levels',
    title,
    alt: [
      ...(shown.length === 1 ? [] : [title]),
      ...sentences,
      ...panels.flatMap(({ axis, lines }) => lines.map((each) => lineAlt(axis, each, context))),
    ].join(words.text('join.parts')),
    notes:
      shown.length < capacities.length
        ? [words.text('chart.more', { count: capacities.length - shown.length })]
        : [],
    levelAxis: words.text(`capacity.axis.${first.series.of}`),
    levels: levels.toSorted((one, other) => one - other),
    panels,
  }
}

function lineOf(series: LoadSeries, id: MetricId, config: number, context: Context): LevelsLine {
  const pointOf = ({ value: level, config: key }: LoadLevel) => {
    const figure = context.configs.get(key)?.figures.get(id)
    if (figure?.value === undefined) return []
    const { value, interval } = figure
    return [
      { level, value, ...(interval && { interval: { low: interval.low, high: interval.high } }) },
    ]
  }
  return { label: seriesLabel(series, context), config, points: series.levels.flatMap(pointOf) }
}

function lineAlt(axis: string, { label, points }: LevelsLine, { words }: Context): string {
  const values = points.map(({ level, value }) =>
    words.text('join.about', { name: rateText(level), value: fixed(value, decimalsFor([value])) }),
  )
  return words.text('join.about', {
    name: `${label}, ${axis}`,
    value: values.join(words.text('join.list')),
  })
}
