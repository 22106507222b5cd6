/** How much load configs with levels can serve, as sentences. */
import type { Capacity, WaitingLevel } from '../analysis/capacity.ts'
import { metricById } from '../metrics/catalog.ts'
import type { LoadSeries } from '../experiment/levels/load-series.ts'
import { decimalsFor, fixed, integer } from '../format/number.ts'
import type { Markdown } from '../markdown/markdown.ts'
import type { Context } from './context.ts'
import { thresholdText } from './hypothesis-table.ts'

/** How much load each config with levels can serve, one sentence each. */
export function capacityAnswers(context: Context): readonly Markdown[] {
  return (context.analysis.capacities ?? []).map((each) => capacitySentence(each, context))
}

/** The label of the config in the file: a level's label without the suffix that the level adds. */
export function seriesLabel(
  { levels, key }: LoadSeries,
  { labels }: Pick<Context, 'labels'>,
): string {
  const [first] = levels
  if (first === undefined) return key
  const label = labels.full(first.config)
  return label.endsWith(first.suffix) ? label.slice(0, -first.suffix.length) : label
}

function objectivesText({ experiment: { objectives = [] }, ...context }: Context): string {
  return objectives
    .map((each) => `${metricName(each.metric, context)} ${thresholdText(each)}`)
    .join(context.words.text('join.list'))
}

/** How much load a config can serve, as far as the intervals of measured levels prove it. */
export function capacitySentence(capacity: Capacity, context: Context): Markdown {
  const { words } = context
  const { series, levels, atLeast, atMost, estimate } = capacity
  const say = (value: number) => levelText(series, value, context)
  const common = { config: seriesLabel(series, context), objectives: objectivesText(context) }
  const next = (value: number) => say(levels.find((each) => each.value > value)?.value ?? value)
  if (atMost === 0)
    return words.markdown('capacity.none', { ...common, level: say(levels[0]?.value ?? 0) })
  if (atLeast !== undefined && atLeast === levels.at(-1)?.value)
    return words.markdown('capacity.highest', { ...common, level: say(atLeast) })
  if (atLeast !== undefined && atLeast === atMost)
    return words.markdown('capacity.exact', { ...common, level: say(atLeast), next: next(atLeast) })
  if (atLeast !== undefined && atMost !== undefined)
    return words.markdown('capacity.between', { ...common, low: say(atLeast), high: say(atMost) })
  if (atLeast !== undefined)
    return words.markdown('capacity.atLeast', {
      ...{ ...common, level: say(atLeast), next: next(atLeast) },
    })
  if (atMost !== undefined)
    return words.markdown('capacity.atMost', { ...common, level: say(atMost) })
  return estimate === undefined || estimate === 0
    ? words.markdown('capacity.unknown', common)
    : words.markdown('capacity.unproven', { ...common, level: say(estimate) })
}

/** `8 users`, `2 requests per second`. */
export function levelText(
  { of }: Pick<LoadSeries, 'of'>,
  value: number,
  { words }: Pick<Context, 'words'>,
): string {
  return of === 'users'
    ? words.text('capacity.users', { count: integer(value) })
    : words.text('capacity.rate', { rate: rateText(value) })
}

export function rateText(value: number): string {
  return fixed(value, Number.isInteger(value) ? 0 : 2)
}

/**
 * The level at which throughput stops growing, the level at which requests begin to wait, and what makes them slower.
 */
export function curveSentences(capacity: Capacity, context: Context): readonly Markdown[] {
  const { words } = context
  const { series, curve, levels } = capacity
  const say = (value: number) => levelText(series, value, context)
  const { kneeAt, unlistedFrom, waitsFrom, rise } = curve
  const next = levels.find(({ value }) => kneeAt !== undefined && value > kneeAt)
  return [
    ...(kneeAt === undefined || next === undefined
      ? []
      : [words.markdown('capacity.knee', { level: say(kneeAt), next: say(next.value) })]),
    ...(unlistedFrom === undefined
      ? []
      : [waitSentence('capacity.unlisted', unlistedFrom, series, context)]),
    ...(waitsFrom === undefined
      ? []
      : [waitSentence('capacity.waits', waitsFrom, series, context)]),
    ...(rise === undefined
      ? []
      : [
          words.markdown('capacity.rise', {
            from: say(rise.from),
            to: say(rise.to),
            ms: fixed(rise.ms, decimalsFor([rise.ms])),
            part: metricName(rise.part, context),
            share: fixed(Math.min(100, rise.share), 0),
          }),
        ]),
  ]
}

/** How the levels were chosen, if a search chose them. */
export function searchSentences({ series }: Capacity, context: Context): readonly Markdown[] {
  const { search } = context.experiment
  if (search === undefined) return []
  const highest = levelText(series, search.upTo, context)
  return [context.words.markdown('capacity.searched', { highest })]
}

function waitSentence(
  word: 'capacity.unlisted' | 'capacity.waits',
  { level, slots }: WaitingLevel,
  series: LoadSeries,
  context: Context,
): Markdown {
  return context.words.markdown(word, {
    level: levelText(series, level, context),
    slots: slots === undefined ? '' : integer(slots),
  })
}

/** The name of a metric in the middle of a sentence. */
function metricName(id: string, { metricWords }: Pick<Context, 'metricWords'>): string {
  const metric = metricById(id)
  return metric === undefined ? id : metricWords.inSentence(metric)
}
