/**
 * The results of a race between settings: sentences for the answer, the settings to paste, the gain, and the result of
 * each config.
 */
import type { RaceContrast } from '../analysis/race/race-factors.ts'
import { racingConfigs } from '../analysis/race/tuning-race.ts'
import type { TuningAnalysis } from '../analysis/race/tuning.ts'
import type { Chart } from '../charts/chart.ts'
import { percentChange, asWritten, durationText, integer } from '../format/number.ts'
import {
  codeBlock,
  inline,
  inlineCode,
  type Cell,
  type Markdown,
  plainText,
  strong,
} from '../markdown/markdown.ts'
import { chartImage } from './charts.ts'
import { configOf, type Context } from './context.ts'
import { changeInterval, changeText } from './figure-text.ts'
import { fileOf } from './links.ts'
import { outcomeText, standingOrder, standingTable } from './race-standing.ts'
import type { TuningView } from './section-shapes.ts'
import { checkCommand, tunedCheck, type TunedCheck } from './tuned-check.ts'
import { tunedSettings, type SettingsBlock } from './tuned-settings.ts'

/** Null without a race. */
export function tuningView(context: Context, charts: readonly Chart[]): TuningView | null {
  const { tuning } = context.analysis
  if (tuning === undefined) return null
  const { factors } = tuning
  const check = provenCheck(tuning, context)
  return {
    check: check ? codeBlock('bash', [checkCommand(check, fileOf(context.experiment))]) : null,
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
  /** Present if a gain is proven, except for the embedded engine, which readers do not deploy. */
  readonly check?: TunedCheck
  readonly settings: readonly { readonly title: string; readonly lines: readonly string[] }[]
  readonly others: readonly { readonly config: string; readonly outcome: string }[]
}

type TextContext = Pick<Context, 'configs' | 'words' | 'metricWords' | 'labels'>

export function tuningTexts(tuning: TuningAnalysis, context: TextContext): TuningTexts {
  const check = provenCheck(tuning, context)
  return {
    ...(check === undefined ? {} : { check }),
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

function provenCheck(
  tuning: TuningAnalysis,
  context: Pick<Context, 'configs'>,
): TunedCheck | undefined {
  if (tuning.leader === undefined || !isGainProven(tuning)) return undefined
  const [config, base] = [tuning.leader, tuning.tuning.grid.base].map(
    (key) => configOf(context, key).config,
  )
  return config?.kind === 'measured' && base?.kind === 'measured'
    ? tunedCheck(config, base)
    : undefined
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

/** How much of the budget was not used, and the budget that would probably decide a race that ran out of budget. */
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

/** Rounds up to whole minutes; from an hour on, to whole tens of minutes. */
function inWholeUnits(ms: number): number {
  const unit = ms < 3_600_000 ? 60_000 : 600_000
  return Math.ceil(ms / unit) * unit
}

/** The answer names at most this many other configs; the table names all of them. */
const maxNamed = 3

function endingAnswer(tuning: TuningAnalysis, context: Context): Markdown {
  const { words, metricWords, labels } = context
  const { race, ended, leader, metric, rounds } = tuning
  const others = race.remaining.filter((key) => key !== leader).map((key) => labels.full(key))
  const values = {
    metric: metricWords.inSentence(metric),
    leader: leader === undefined ? '' : labels.full(leader),
    rounds: integer(rounds),
    configs: racingConfigs(tuning.tuning).length,
    band: percentText(tuning.tuning.ignoreBelow),
    left: race.remaining.length,
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
