/** The chart of a race: the maximised metric against the P95 latency, with the configs that no other beats in both. */
import type { Figure } from '../analysis/figure.ts'
import { paretoFront } from '../analysis/race/pareto-front.ts'
import { racingConfigs } from '../analysis/race/tuning-race.ts'
import type { TuningAnalysis } from '../analysis/race/tuning.ts'
import type { FrontChart, FrontPoint } from '../charts/chart.ts'
import { decimalsFor, fixed } from '../format/number.ts'
import { metricById } from '../metrics/catalog.ts'
import type { Context } from './context.ts'
import { hasValue, unitAfter, unitText, type Valued } from './figure-text.ts'
import { objectiveText } from './hypothesis-table.ts'

const costId = 'latencyP95'
/** At most this many configs of the front are named below the picture. The table has all. */
const maxNamed = 6
/**
 * A point is left out if its P95 exceeds the largest P95 of the important points by more than this factor. Otherwise
 * the other points would lie on top of each other.
 */
const maxSpread = 4

interface Raced {
  readonly key: string
  readonly value: Valued
  readonly cost: Valued
}

/** Undefined without a race, and if fewer than two configs have both figures. */
export function frontChart(context: Context): FrontChart | undefined {
  const { analysis, experiment, words, metricWords, labels } = context
  const { tuning } = analysis
  const costMetric = metricById(costId)
  if (tuning === undefined || costMetric === undefined) return undefined
  const { metric } = tuning
  const raced = racingConfigs(tuning.tuning).flatMap((key): readonly Raced[] => {
    const figures = context.configs.get(key)?.figures
    const [value, cost] = [figures?.get(metric.id), figures?.get(costId)]
    return hasValue(value) && hasValue(cost) ? [{ key, value, cost }] : []
  })
  if (raced.length < 2) return undefined
  const front = frontOf(raced, tuning)
  const important = raced.filter((each) => front.includes(each) || isNamed(each.key, tuning))
  const farthest = maxSpread * Math.max(...important.map(({ cost }) => cost.value))
  const shown = raced.filter(({ cost }) => cost.value <= farthest)
  const title = words.text('chart.front', {
    metric: metricWords.inSentence(metric),
    cost: metricWords.inSentence(costMetric),
    best: front.length === 1 ? labels.full(front[0]?.key ?? '') : '',
    ...{ front: front.length, configs: raced.length },
  })
  const bound = experiment.objectives?.find((each) => each.metric === costId)
  return {
    kind: 'front',
    title,
    alt: [title, ...shown.map((each) => pointText(each, context))].join(words.text('join.parts')),
    notes: [
      ...(analysis.standIn ? [words.text('chart.demo')] : []),
      ...(shown.length < raced.length
        ? [words.text('chart.more', { count: raced.length - shown.length })]
        : []),
    ],
    axis: metricWords.label(metric) + unitText(metric.unit),
    costAxis: metricWords.label(costMetric) + unitText(costMetric.unit),
    points: shown.map((each) => pointOf(each, front.includes(each), tuning, context)),
    ...(bound && {
      bound: { value: bound.threshold.value, text: objectiveText(bound, context) },
    }),
    legend: {
      leader: words.text('chart.front.leader'),
      base: words.text('chart.front.base'),
      front: words.text('chart.front.front'),
      other: words.text('chart.front.other'),
    },
    front: front.length === 1 ? [] : frontTexts(front, context),
  }
}

/** The configs of the front, by ascending P95, without configs that miss an objective. */
function frontOf(raced: readonly Raced[], { race }: TuningAnalysis): readonly Raced[] {
  const choices = raced.filter(({ key }) =>
    race.eliminations.every(({ config, reason }) => config !== key || reason.code !== 'objective'),
  )
  const points = choices.map((each) => ({
    each,
    value: each.value.value,
    cost: each.cost.value,
  }))
  return paretoFront(points).map(({ each }) => each)
}

function isNamed(key: string, { leader, tuning }: TuningAnalysis): boolean {
  return key === leader || key === tuning.grid.base
}

function frontTexts(front: readonly Raced[], context: Context): readonly string[] {
  const { words, labels } = context
  const named = front.slice(0, maxNamed).map(({ key }) => labels.full(key))
  return [
    words.text('chart.front.order'),
    ...named.map((label, index) => `${String(index + 1)}. ${label}`),
    ...(front.length > maxNamed
      ? [words.text('chart.more', { count: front.length - maxNamed })]
      : []),
  ]
}

function pointOf(
  raced: Raced,
  onFront: boolean,
  { leader, tuning }: TuningAnalysis,
  context: Context,
): FrontPoint {
  const { key, cost, value } = raced
  const other = onFront ? 'front' : 'other'
  return {
    role: key === leader ? 'leader' : key === tuning.grid.base ? 'base' : other,
    onFront,
    cost: cost.value,
    value: value.value,
    ...(cost.interval && { costInterval: ends(cost.interval) }),
    ...(value.interval && { interval: ends(value.interval) }),
    text: pointText(raced, context),
  }
}

function ends({ low, high }: NonNullable<Figure['interval']>) {
  return { low, high }
}

/** `default: 74.3 tokens/s, 1,721 ms`. */
function pointText({ key, value, cost }: Raced, { words, labels }: Context): string {
  const texts = [value, cost].map(
    (figure) =>
      `${fixed(figure.value, decimalsFor([figure.value]))}${unitAfter(figure.metric.unit)}`,
  )
  return words.text('join.about', {
    name: labels.full(key),
    value: texts.join(words.text('join.list')),
  })
}
