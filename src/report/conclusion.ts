/** The answer in figures: how far each group is from the baseline, what each compared config changed. */
import type { Change, Comparison, ConfigState, Ratio } from '../analysis/analysis.ts'
import { configOf, type Context } from './context.ts'
import { changeText, ratioInterval } from './figure-text.ts'
import { integer, ratio } from '../format/number.ts'
import { hypothesisTable } from './hypothesis-table.ts'
import { metricInSentence } from './in-sentence.ts'
import { groupsOf } from './labels.ts'
import type { Markdown } from '../markdown/markdown.ts'
import { verdictNotes } from './verdict-notes.ts'
import type { ConclusionView } from './view.ts'

/** @param why as in `answers` */
export function conclusionView(context: Context, why: readonly Markdown[]): ConclusionView {
  return {
    question: context.experiment.question ?? null,
    answers: context.tables.first(answers(context, why)),
    hypotheses: hypothesisTable(context),
    notes: verdictNotes(context),
    claims: claimsTogether(context),
  }
}

/** Bonferroni's correction widens the intervals of several claims. */
function claimsTogether({ analysis: { hypotheses } }: Context): string | null {
  const corrected = hypotheses.some(({ interval }) => interval && interval.confidence > 0.95)
  return corrected ? integer(hypotheses.length) : null
}

/**
 * A sentence each; none where nothing was measured or recorded.
 * @param why what was found to make the main difference
 */
export function answers(context: Context, why: readonly Markdown[]): readonly Markdown[] {
  return [
    ...ratioAnswers(context),
    ...why,
    ...changeAnswers(context),
    ...failureAnswers(context),
    ...stateAnswers(context),
  ]
}

/** For each group but the baseline's, its last config with a figure: what its latency is times the baseline's. */
function ratioAnswers(context: Context): readonly Markdown[] {
  const { analysis, experiment, labels, words, locale } = context
  const baseline = analysis.ratios.find(({ config }) => config === experiment.baseline)
  if (!baseline) return []
  const groups = [...groupsOf(experiment.configs).values()]
  const others = groups.filter((configs) => configs.every(({ key }) => key !== baseline.config))
  const compared = others.flatMap((configs) => {
    const ratios = configs.map(({ key }) => analysis.ratios.find(({ config }) => config === key))
    return ratios.filter(isValued).slice(-1)
  })
  return compared.map(({ config, value, interval, mixture, figure }) => {
    const values = {
      config: labels.full(config),
      baseline: labels.full(baseline.config),
      metric: metricInSentence(figure.metric, locale),
      ratio: ratio(value),
    }
    if (mixture)
      return words.write('answer.ratioMixture', {
        ...values,
        baselineMetric: metricInSentence(baseline.figure.metric, locale),
      })
    if (interval && interval.low <= 1 && interval.high >= 1)
      return words.write('answer.ratioOpen', { ...values, interval: ratioInterval(interval) })
    return words.write('answer.ratio', {
      ...values,
      interval: interval ? ratioInterval(interval) : '',
    })
  })
}

function isValued(result: Ratio | undefined): result is Ratio & { readonly value: number } {
  return result?.value !== undefined
}

const reportedMetrics = ['qps', 'latencyMean', 'latencyP95']

function changeAnswers(context: Context): readonly Markdown[] {
  const { analysis, labels, words } = context
  return analysis.comparisons.flatMap((comparison) => {
    const changes = reportedChanges(comparison, context)
    if (changes.length === 0) return []
    return [
      words.write(sentenceOf(comparison, context), {
        config: labels.full(comparison.config),
        base: labels.full(comparison.base),
        changes: changes.join(words.say('join.clauses')),
      }),
    ]
  })
}

/** Where no change that is told has an interval, the sentence says why. */
function sentenceOf({ base, config, changes }: Comparison, context: Context) {
  if (reportedMetrics.some((id) => changes.get(id)?.interval)) return 'answer.change'
  const isRecorded = [base, config].some((key) => configOf(context, key).state === 'recorded')
  return isRecorded ? 'answer.changeInDocument' : 'answer.changeInFewRounds'
}

function reportedChanges({ changes }: Comparison, { words, locale }: Context): readonly string[] {
  return reportedMetrics
    .map((id) => changes.get(id))
    .filter((change): change is Change & { readonly value: number } => change?.value !== undefined)
    .map((change) =>
      words.say('answer.changePart', {
        metric: metricInSentence(change.metric, locale),
        change: `${changeText(change, change.value, words)} ${words.say(`mark.${change.mark}`)}`,
      }),
    )
}

/** Ok requests of all, in percent: with fewer, that only those are in the figures belongs to the answer. */
const healthyRate = 99

function failureAnswers({ analysis, labels, words }: Context): readonly Markdown[] {
  return analysis.configs.flatMap(({ config, figures }) => {
    const rate = figures.get('okRate')
    if (rate?.value === undefined || rate.value >= healthyRate || !rate.counts) return []
    const { part, whole } = rate.counts
    return [
      words.write('answer.someFailed', {
        config: labels.full(config.key),
        failed: integer(whole - part),
        sent: integer(whole),
      }),
    ]
  })
}

function stateAnswers(context: Context): readonly Markdown[] {
  const { analysis, labels, words } = context
  const inState = (state: ConfigState) =>
    analysis.configs
      .filter((each) => each.state === state)
      .map(({ config }) => labels.full(config.key))
      .join(words.say('join.list'))
  const [pending, failed] = [inState('pending'), inState('failed')]
  return [
    ...(pending === '' ? [] : [words.write('answer.pending', { configs: pending })]),
    ...(failed === '' ? [] : [words.write('answer.failed', { configs: failed })]),
  ]
}

/** Whether anything of the config was measured or recorded. */
export function hasResults(key: string, context: Context): boolean {
  const { state } = configOf(context, key)
  return state !== 'pending' && state !== 'failed'
}
