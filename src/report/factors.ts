/**
 * The effects of the factors of a grid: sentences for the answer, a table for each metric, interactions, and the cells.
 */
import type {
  Contrast,
  FactorEffect,
  GridAnalysis,
  Interaction,
} from '../analysis/grid/grid-effects.ts'
import { minRounds } from '../analysis/figure-interval.ts'
import type { Metric } from '../metrics/catalog.ts'
import { configOf, type Context } from './context.ts'
import {
  absenceNotes,
  absenceText,
  changeInterval,
  changeText,
  doubtNotes,
  figureText,
  hasValue,
  sharedDecimals,
  unitText,
} from './figure-text.ts'
import { asWritten, fixed, integer } from '../format/number.ts'
import { type Cell, type Markdown, nodes, strong } from '../markdown/markdown.ts'
import { reasonText } from './verdict-notes.ts'
import type { GridView } from './view.ts'

/** Null without a grid, or if nothing of it was measured. */
export function gridView(context: Context): GridView | null {
  const { grid } = context.analysis
  if (
    grid === undefined ||
    grid.effects.every(({ rounds, combinations }) => rounds === 0 && combinations === 0)
  )
    return null
  const { metricWords } = context
  const [first, ...others] = grid.metrics.map((metric) => cellTable(grid, metric, context))
  const rounds = Math.max(...grid.effects.map((effect) => effect.rounds))
  return {
    worth: grid.metrics.map((metric) => ({
      metric: metricWords.label(metric),
      table: effectTable(grid, metric, context),
    })),
    rounds: rounds === 0 ? null : integer(rounds),
    partial: grid.effects.some((each) => each.combinations < each.combinationsOfGrid),
    interactions: grid.interactions.map((each) => interactionText(each, context)),
    tested: grid.tested === 0 || rounds === 0 ? null : integer(grid.tested),
    cells: first ?? null,
    ranked: grid.rankings.some(({ ranks }) => [...ranks.values()].includes('best')),
    otherCells: others,
  }
}

/** A sentence for each metric that the file asks about and each factor; then the interactions and the best cells. */
export function gridAnswers(context: Context): readonly Markdown[] {
  const { grid } = context.analysis
  if (grid === undefined) return []
  return [
    ...grid.effects.flatMap((effect) => effectAnswer(effect, context)),
    ...grid.interactions.map((each) => interactionText(each, context)),
    ...grid.rankings.flatMap(({ metric, ranks }) => bestAnswer(metric, ranks, context)),
  ]
}

function effectAnswer(effect: FactorEffect, context: Context): readonly Markdown[] {
  const { words, metricWords } = context
  const { factor, metric, verdict, contrasts } = effect
  const within = withinText(effect, context)
  const names = { factor: factor.name, metric: metricWords.inSentence(metric), within }
  if (verdict === 'matters')
    return [
      words.markdown('answer.factorMatters', {
        ...names,
        changes: contrasts
          .filter(({ from }) => from === factor.levels[0])
          .map((contrast) => contrastText(contrast, metric, context))
          .join(words.text('join.clauses')),
      }),
    ]
  if (verdict === 'same')
    return [
      words.markdown('answer.factorSame', {
        ...names,
        band: sizeText(effect.band, metric, context),
      }),
    ]
  return effect.combinations === 0
    ? []
    : [words.markdown('answer.factorUnknown', { ...names, why: unknownText(effect, context) })]
}

/** The levels of the other factors with which it was measured; empty if these are all levels. */
function withinText({ within }: FactorEffect, { words }: Context): string {
  const levels = within.map((each) =>
    words.text('factor.withinLevels', {
      factor: each.factor,
      levels: each.levels.join(words.text('join.list')),
    }),
  )
  return levels.length === 0
    ? ''
    : words.text('factor.within', { levels: levels.join(words.text('join.parts')) })
}

/** Why an effect is unclear: the smallest effect that would have been detected, or what prevents a test. */
function unknownText(
  { contrasts, detectable, levels, metric }: FactorEffect,
  context: Context,
): string {
  const { words } = context
  const obstacle = contrasts.find((each) => each.obstacle !== undefined)?.obstacle
  if (obstacle !== undefined) return reasonText(obstacle, context)
  const absence = levels.find(({ figure }) => figure?.absence !== undefined)?.figure?.absence
  if (absence !== undefined)
    return words.text('factor.absent', { reason: absenceText(absence, words) })
  return detectable === undefined
    ? words.text('factor.untested', { rounds: minRounds })
    : words.text('factor.wouldShow', { size: sizeText(detectable, metric, context) })
}

/** `1 → 4: +21.0% ⬆️ (+18.0%, +24.1%)` */
function contrastText(contrast: Contrast, metric: Metric, context: Context): string {
  const { words } = context
  const names = { from: contrast.from, to: contrast.to }
  return words.text('factor.contrast', { ...names, change: valueText(contrast, metric, context) })
}

function valueText({ value, interval, mark }: Contrast, metric: Metric, context: Context): string {
  const { words } = context
  if (value === undefined) return words.text('change.none')
  const change = changeText({ metric, ...(interval && { interval }) }, value, words)
  const tail = interval === undefined ? '' : ` ${changeInterval({ metric }, interval, words)}`
  return `${change} ${words.text(`mark.${mark}`)}${tail}`
}

/** A size without a sign, in the unit in which the metric changes. */
function sizeText(value: number, { change, unit }: Metric, { words }: Context): string {
  const digits = Number.isInteger(value) ? asWritten(value) : fixed(value, 1)
  if (change === 'ratio') return `${digits}%`
  return unit === '%' ? words.text('quantity.points', { value: digits }) : `${digits} ${unit}`
}

function effectTable(grid: GridAnalysis, metric: Metric, context: Context): Markdown {
  const { words, tables } = context
  const rows = grid.effects
    .filter((effect) => effect.metric === metric)
    .flatMap((effect) =>
      effect.contrasts.map((contrast, index) => [
        index === 0 ? strong(effect.factor.name) : '',
        words.text('factor.levels', {
          ...{ from: contrast.from, to: contrast.to },
          within: withinText(effect, context),
        }),
        valueText(contrast, metric, context),
        index === 0 ? verdictText(effect, context) : '',
      ]),
    )
  return tables.make(
    [
      words.text('column.factor'),
      words.text('column.levels'),
      words.text('column.effect'),
      words.text('column.worth'),
    ],
    rows,
    true,
  )
}

function verdictText(effect: FactorEffect, context: Context): string {
  const { words } = context
  if (effect.verdict === 'matters') return words.text('factor.matters')
  if (effect.verdict === 'same')
    return words.text('factor.same', { band: sizeText(effect.band, effect.metric, context) })
  return words.text('factor.unknown', { why: unknownText(effect, context) })
}

function interactionText(
  { metric, factor, level, by, byLevel, value, interval }: Interaction,
  { words, metricWords }: Context,
): Markdown {
  return words.markdown('factor.interaction', {
    metric: metricWords.inSentence(metric),
    factor: factor.name,
    from: factor.levels[0] ?? '',
    to: level,
    by: by.name,
    byFrom: by.levels[0] ?? '',
    byTo: byLevel,
    change: `${changeText({ metric, interval }, value, words)} ${changeInterval({ metric }, interval, words)}`,
  })
}

function bestAnswer(
  metric: Metric,
  ranks: GridAnalysis['rankings'][number]['ranks'],
  context: Context,
): readonly Markdown[] {
  const { words, metricWords, labels } = context
  const keysOf = (rank: string) => [...ranks].flatMap(([key, own]) => (own === rank ? [key] : []))
  const [best] = keysOf('best')
  const figure = best === undefined ? undefined : configOf(context, best).figures.get(metric.id)
  if (best === undefined || !hasValue(figure)) return []
  const unit = metric.unit === 'count' || metric.unit === '%' ? '' : ` ${metric.unit}`
  return [
    words.markdown('answer.bestCell', {
      metric: metricWords.inSentence(metric),
      config: labels.full(best),
      value: figureText(figure, sharedDecimals([figure]), words) + unit,
      tied: keysOf('tied').length,
    }),
  ]
}

/**
 * A row for each cell with its levels and its figure. Marks the best cell, and the cells that cannot be distinguished
 * from it.
 */
function cellTable(grid: GridAnalysis, metric: Metric, context: Context): Markdown {
  const { words, tables, metricWords, experiment } = context
  const { factors = [], cells = [] } = experiment.grid ?? {}
  const figures = cells.flatMap(
    ({ config }) => configOf(context, config).figures.get(metric.id) ?? [],
  )
  const decimals = sharedDecimals(figures.filter(hasValue))
  const ranks = grid.rankings.find((each) => each.metric === metric)?.ranks
  return tables.make(
    [
      ...factors.map(({ name }) => name),
      metricWords.label(metric) + unitText(metric.unit),
      words.text('column.cellInterval'),
      words.text('column.rank'),
    ],
    cells.map(({ config, levels }): readonly Cell[] => {
      const figure = configOf(context, config).figures.get(metric.id)
      const rank = ranks?.get(config) ?? 'unjudged'
      const interval = figure?.interval
      const value = figure === undefined ? '' : figureText(figure, decimals, words)
      return [
        ...levels.map((level, index) => factors[index]?.levels[level] ?? ''),
        [
          ...(rank === 'best' ? strong(value) : nodes(value)),
          ...(figure === undefined
            ? []
            : [...absenceNotes(figure, context), ...doubtNotes(figure, context)]),
        ],
        interval === undefined
          ? ''
          : `${fixed(interval.low, decimals)}–${fixed(interval.high, decimals)}`,
        words.text(`rank.${rank}`),
      ]
    }),
    true,
  )
}
