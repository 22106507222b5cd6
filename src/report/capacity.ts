/** How much load configs with levels can serve: sentences, a table of the levels, and the picture. */
import type { Capacity, LevelOutcome, MeasuredLevel } from '../analysis/capacity.ts'
import type { Figure, Interval } from '../analysis/figure.ts'
import type { Chart } from '../charts/chart.ts'
import type { Objective } from '../experiment/threshold.ts'
import { decimalsFor, fixed, integer } from '../format/number.ts'
import type { Cell, Markdown } from '../markdown/markdown.ts'
import { metricById, type MetricId } from '../metrics/catalog.ts'
import { capacitySentence, curveSentences, rateText, searchSentences } from './capacity-text.ts'
import { chartImage } from './charts.ts'
import type { Context } from './context.ts'
import { absenceText, emptyCell, unitText } from './figure-text.ts'
import { thresholdText } from './hypothesis-table.ts'
import type { Words } from '../templates/words.ts'
import type { CapacityView } from './section-shapes.ts'

/** Null without levels or objectives, and for a demo. */
export function capacityView(context: Context, charts: readonly Chart[]): CapacityView | null {
  const { capacities = [] } = context.analysis
  if (capacities.length === 0) return null
  return {
    picture: chartImage(charts, 'levels', context),
    configs: capacities.map((capacity) => ({
      sentences: [
        capacitySentence(capacity, context),
        ...curveSentences(capacity, context),
        ...searchSentences(capacity, context),
      ],
      table: levelTable(capacity, context),
    })),
  }
}

/** The figures beside the objectives that have a column. */
const otherColumns = ['qps', 'wait'] as const satisfies readonly MetricId[]

function levelTable({ series, levels }: Capacity, context: Context): Markdown {
  const { words, metricWords, tables, experiment } = context
  const { objectives = [] } = experiment
  const others = otherColumns.filter((id) => objectives.every(({ metric }) => metric !== id))
  const header = [
    words.text(`capacity.axis.${series.of}`),
    ...objectives.map((each) => `${objectiveName(each, context)} ${thresholdText(each)}`),
    ...others.map((id) => `${metricWords.labelOf(id)}${unitText(metricById(id)?.unit ?? 'ms')}`),
    words.text('capacity.outcome'),
  ]
  return tables.make(
    header,
    levels.map((level) => [
      series.of === 'users' ? integer(level.value) : rateText(level.value),
      ...level.judged.map(({ figure, interval }) => figureCell(figure, interval, words)),
      ...others.map((id) => otherCell(level, id, context)),
      outcomeText(level, context),
    ]),
  )
}

function objectiveName({ metric: id }: Objective, { metricWords }: Context): string {
  const metric = metricById(id)
  return metric === undefined ? id : metricWords.label(metric)
}

/** Whether the level meets the objectives; if that is unclear, for which of them or why. */
function outcomeText({ outcome, judged }: MeasuredLevel, context: Context): string {
  const { words } = context
  const [obstacle] = judged.flatMap((each) => each.obstacle ?? [])
  if (outcome !== 'unclear') return words.text(outcomeWords[outcome])
  if (obstacle === undefined)
    return words.text('capacity.unclear', {
      objectives: judged
        .filter((each) => each.outcome === 'unclear')
        .map(({ objective }) => objectiveName(objective, context))
        .join(words.text('join.list')),
    })
  return obstacle === 'few-requests'
    ? words.text('capacity.unclearFew')
    : words.text('capacity.unclearAudit', { audit: obstacle.audit })
}

const outcomeWords = {
  met: 'capacity.met',
  missed: 'capacity.missed',
} as const satisfies Readonly<Partial<Record<LevelOutcome, string>>>

function otherCell({ config }: MeasuredLevel, id: MetricId, { configs, words }: Context): Cell {
  const figure = configs.get(config)?.figures.get(id)
  return figureCell(figure, figure?.interval, words)
}

/** The value with its interval, or the reason for its absence. */
function figureCell(
  figure: Figure | undefined,
  interval: Interval | undefined,
  words: Words,
): Cell {
  if (figure === undefined) return emptyCell
  const { value, metric } = figure
  if (value === undefined) return absenceText(figure.absence, words)
  const unit = metric.unit === '%' ? '%' : ''
  const decimals = metric.unit === '%' ? 1 : Math.min(2, decimalsFor([value]))
  const digits = (each: number) =>
    Math.abs(each) < 0.005 ? `0${unit}` : `${fixed(each, decimals)}${unit}`
  return interval === undefined
    ? digits(value)
    : `${digits(value)} (${digits(interval.low)}, ${digits(interval.high)})`
}
