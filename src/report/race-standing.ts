/** The result of each config of a race: its rounds, its figures, and why it was eliminated. */
import { racingConfigs, type RaceObjective } from '../analysis/race/tuning-race.ts'
import type { TuningAnalysis } from '../analysis/race/tuning.ts'
import { fixed, integer } from '../format/number.ts'
import { oneLine } from '../format/plain-text.ts'
import { type Cell, type Markdown, nodes, strong } from '../markdown/markdown.ts'
import { metricById } from '../metrics/catalog.ts'
import { configOf, type Context } from './context.ts'
import { absenceText, figureText, sharedDecimals, unitText } from './figure-text.ts'
import { thresholdText } from './hypothesis-table.ts'

/**
 * The remaining configs, best first, then the eliminated ones: latest round first and, within a round, best first.
 */
export function standingOrder({ race, tuning }: TuningAnalysis): readonly string[] {
  return [
    ...race.remaining,
    ...race.eliminations
      .toSorted((one, other) => other.round - one.round)
      .map(({ config }) => config),
    ...racingConfigs(tuning).filter(
      (key) =>
        !race.remaining.includes(key) && race.eliminations.every(({ config }) => config !== key),
    ),
  ]
}

/** A row for each config. */
export function standingTable(tuning: TuningAnalysis, context: Context): Markdown {
  const { words, tables, metricWords, labels } = context
  const { metric } = tuning
  const keys = standingOrder(tuning)
  const beside = metricById('latencyP95')
  const shown = [metric, ...(beside === undefined ? [] : [beside])]
  const decimals = shown.map(({ id }) =>
    sharedDecimals(keys.flatMap((key) => configOf(context, key).figures.get(id) ?? [])),
  )
  return tables.make(
    [
      words.text('column.config'),
      words.text('tuning.column.rounds'),
      ...shown.map((each) => metricWords.label(each) + unitText(each.unit)),
      words.text('tuning.column.outcome'),
    ],
    keys.map((key): readonly Cell[] => {
      const config = configOf(context, key)
      const label = labels.full(key)
      return [
        key === tuning.leader ? strong(label) : nodes(label),
        integer(config.rounds.ended),
        ...shown.map(({ id }, index) => {
          const figure = config.figures.get(id)
          return figure?.value === undefined
            ? absenceText(figure?.absence, words)
            : figureText(figure, decimals[index] ?? 0, words)
        }),
        outcomeText(key, tuning, context),
      ]
    }),
  )
}

export function outcomeText(
  key: string,
  { race, leader, objectives, ended }: TuningAnalysis,
  context: Pick<Context, 'configs' | 'words' | 'metricWords' | 'labels'>,
): string {
  const { words, labels } = context
  const out = race.eliminations.find(({ config }) => config === key)
  if (out === undefined) {
    if (key === leader) return words.text('tuning.leads')
    const judged = race.looks.at(-1)?.standing.find(({ config }) => config === key)?.judged.outcome
    if (ended === 'open') return words.text('tuning.leftOpen')
    if (judged === 'unclear') return words.text('tuning.leftUnclear')
    return words.text(ended === 'alike' ? 'tuning.leftAlike' : 'tuning.left')
  }
  const round = integer(out.round)
  const { reason } = out
  switch (reason.code) {
    case 'failed': {
      const why = configOf(context, key).trials.find(({ outcome }) => outcome === 'failed')?.end
        ?.reason
      return why === undefined
        ? words.text('tuning.outNoFigure', { round })
        : words.text('tuning.outFailed', { round, reason: oneLine(why) })
    }
    case 'behind': {
      const percent = (log: number) => fixed((1 - Math.exp(-log)) * 100, 1)
      return words.text('tuning.outBehind', {
        ...{ round, than: labels.full(reason.than) },
        ...{ by: percent(reason.by), low: percent(reason.low), high: percent(reason.high) },
      })
    }
    case 'objective': {
      const objective = objectives[reason.index]
      return words.text('tuning.outObjective', {
        round,
        objective: objective === undefined ? '' : objectiveText(objective, context),
      })
    }
  }
}

function objectiveText(
  each: RaceObjective,
  { words, metricWords }: Pick<Context, 'words' | 'metricWords'>,
): string {
  return each.kind === 'check'
    ? words.text('tuning.quality', { check: oneLine(each.check) })
    : `${metricWords.label(each.metric)} ${thresholdText(each.objective)}`
}
