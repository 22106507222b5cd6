/**
 * What a race between settings showed: sentences for the answer, the settings to paste, the gain, and the result of
 * each config.
 */
import type { RaceContrast } from '../analysis/race/race-factors.ts'
import { racingConfigs, type RaceObjective } from '../analysis/race/tuning-race.ts'
import type { TuningAnalysis } from '../analysis/race/tuning.ts'
import type { Chart } from '../charts/chart.ts'
import { percentChange, asWritten, durationText, integer, fixed } from '../format/number.ts'
import { oneLine } from '../format/plain-text.ts'
import {
  codeBlock,
  inline,
  inlineCode,
  type Cell,
  type Markdown,
  nodes,
  plainText,
  strong,
} from '../markdown/markdown.ts'
import { metricById } from '../metrics/catalog.ts'
import { chartImage } from './charts.ts'
import { configOf, type Context } from './context.ts'
import {
  absenceText,
  changeInterval,
  changeText,
  figureText,
  sharedDecimals,
  unitText,
} from './figure-text.ts'
import { fileOf } from './links.ts'
import { thresholdText } from './hypothesis-table.ts'
import type { TuningView } from './section-shapes.ts'
import { tunedSettings, type SettingsBlock } from './tuned-settings.ts'

/** Null without a race. */
export function tuningView(context: Context, charts: readonly Chart[]): TuningView | null {
  const { tuning } = context.analysis
  if (tuning === undefined) return null
  const { factors } = tuning
  return {
    settings: provenSettings(tuning, context).map(({ title, language, lines }) => ({
      title,
      code: codeBlock(language, lines),
    })),
    command: inline(inlineCode(`exp run ${fileOf(context.experiment)}`)),
    budget: durationText(tuning.tuning.budgetMs),
    factors: factors ? factorTable(factors.contrasts, tuning, context) : null,
    factorRounds: factors ? integer(factors.rounds) : null,
    picture: chartImage(charts, 'front', context),
    standing: standingTable(tuning, context),
    ignoreBelow: percentText(tuning.tuning.ignoreBelow),
  }
}

/** The settings of a race for the terminal: what to paste, if a gain is proven, and the result of each other config. */
export interface TuningTexts {
  readonly settings: readonly { readonly title: string; readonly lines: readonly string[] }[]
  readonly others: readonly { readonly config: string; readonly outcome: string }[]
}

type TextContext = Pick<Context, 'configs' | 'words' | 'metricWords' | 'labels'>

export function tuningTexts(tuning: TuningAnalysis, context: TextContext): TuningTexts {
  return {
    settings: provenSettings(tuning, context).map(({ title, lines }) => ({
      title: plainText(title),
      lines,
    })),
    others: standingOrder(tuning)
      .filter((key) => key !== tuning.leader)
      .map((key) => ({
        config: context.labels.full(key),
        outcome: outcomeText(key, tuning, context),
      })),
  }
}

function provenSettings(
  tuning: TuningAnalysis,
  context: Pick<Context, 'configs' | 'words'>,
): readonly SettingsBlock[] {
  const { leader } = tuning
  return leader !== undefined && isGainProven(tuning)
    ? tunedSettings(leader, tuning.tuning.grid.base, context)
    : []
}

/** How the race ended, who leads, and the gain that the confirmation shows. */
export function tuningAnswers(context: Context): readonly Markdown[] {
  const { tuning } = context.analysis
  if (tuning === undefined) return []
  return [
    endingAnswer(tuning, context),
    ...gainAnswers(tuning, context),
    ...budgetAnswers(tuning, context),
  ]
}

/** Which budget would probably decide a race that its budget ended, and why a part of it was not used. */
function budgetAnswers(
  { unusedMs, enoughMs, tuning }: TuningAnalysis,
  { words }: Context,
): readonly Markdown[] {
  const budget = durationText(tuning.budgetMs)
  return [
    ...(unusedMs === undefined
      ? []
      : [words.markdown('tuning.unused', { budget, unused: durationText(unusedMs) })]),
    ...(enoughMs === undefined
      ? []
      : [
          words.markdown('tuning.enough', { budget, enough: durationText(inWholeUnits(enoughMs)) }),
        ]),
  ]
}

/** Rounded up, as a person would write a budget: to whole minutes, above an hour to ten. */
function inWholeUnits(ms: number): number {
  const unit = ms < 3_600_000 ? 60_000 : 600_000
  return Math.ceil(ms / unit) * unit
}

/** The answer names at most this many other configs; the table names all of them. */
const maxNamed = 3

function endingAnswer(tuning: TuningAnalysis, context: Context): Markdown {
  const { words, metricWords, labels } = context
  const { race, ended, leader, metric, rounds } = tuning
  const others = race.left.filter((key) => key !== leader).map((key) => labels.full(key))
  const values = {
    metric: metricWords.inSentence(metric),
    leader: leader === undefined ? '' : labels.full(leader),
    rounds: integer(rounds),
    configs: racingConfigs(tuning.tuning).length,
    band: percentText(tuning.tuning.ignoreBelow),
    left: race.left.length,
    others: others.length > maxNamed ? '' : others.join(words.text('join.list')),
  }
  if (ended === 'open') return words.markdown('tuning.open', values)
  if (ended === 'none') return words.markdown('tuning.none', values)
  if (ended === 'budget')
    return words.markdown(leader === undefined ? 'tuning.unclear' : 'tuning.cannotTell', values)
  return words.markdown(ended === 'winner' ? 'tuning.winner' : 'tuning.alike', values)
}

function gainAnswers(tuning: TuningAnalysis, context: Context): readonly Markdown[] {
  const { words, labels, metricWords } = context
  const { leader, confirmation, raceGain, metric } = tuning
  const base = labels.full(tuning.tuning.grid.base)
  if (leader === undefined) return []
  if (leader === tuning.tuning.grid.base) return [words.markdown('tuning.keepDefault', { base })]
  if (confirmation?.gain === undefined) return [words.markdown('tuning.unconfirmed', { base })]
  const { interval, gain, rounds } = confirmation
  return [
    words.markdown(isGainProven(tuning) ? 'tuning.gain' : 'tuning.noGain', {
      ...{ base, leader: labels.full(leader), metric: metricWords.inSentence(metric) },
      rounds: integer(rounds),
      gain: changeText({ metric, ...(interval && { interval }) }, gain, words),
      interval: interval === undefined ? '' : changeInterval({ metric }, interval, words),
      raceGain: raceGain === undefined ? '' : percentChange(raceGain),
    }),
  ]
}

function isGainProven({ confirmation }: TuningAnalysis): boolean {
  return (confirmation?.interval?.low ?? 0) > 0
}

function percentText(value: number): string {
  return `${asWritten(value)}%`
}

/** A row for each pair of levels of each setting. */
function factorTable(
  contrasts: readonly RaceContrast[],
  { tuning: { ignoreBelow } }: TuningAnalysis,
  { words, tables }: Context,
): Markdown {
  return tables.make(
    [
      words.text('column.setting'),
      words.text('column.levels'),
      words.text('column.effect'),
      words.text('column.worth'),
    ],
    contrasts.map(({ factor, from, to, value, low, high, verdict }, index): readonly Cell[] => [
      contrasts[index - 1]?.factor === factor ? '' : strong(factor.name),
      words.text('factor.levels', { from, to, within: '' }),
      `${percentChange(value, high)} (${percentChange(low, high)}, ${percentChange(high)})`,
      verdict === 'matters'
        ? words.text('factor.matters')
        : verdict === 'same'
          ? words.text('factor.same', { band: percentText(ignoreBelow) })
          : words.text('tuning.worthUnknown'),
    ]),
  )
}

/**
 * The remaining configs, best first, then the eliminated ones: those of the last round first, and within a round the
 * best.
 */
function standingOrder({ race, tuning }: TuningAnalysis): readonly string[] {
  return [
    ...race.left,
    ...race.eliminations
      .toSorted((one, other) => other.round - one.round)
      .map(({ config }) => config),
    ...racingConfigs(tuning).filter(
      (key) => !race.left.includes(key) && race.eliminations.every(({ config }) => config !== key),
    ),
  ]
}

/** A row for each config. */
function standingTable(tuning: TuningAnalysis, context: Context): Markdown {
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

function outcomeText(
  key: string,
  { race, leader, objectives, ended }: TuningAnalysis,
  context: TextContext,
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
