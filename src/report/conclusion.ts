/**
 * The conclusion: the answer, the ratio of each group to the baseline, the causes, the changes of each config, the
 * verdicts.
 */
import type { ConfigState, HypothesisResult, Ratio } from '../analysis/analysis.ts'
import { minRounds } from '../analysis/figure-interval.ts'
import { modelsDiffer } from '../analysis/ranking.ts'
import { minHealthyRate } from '../analysis/ratios.ts'
import { nextSteps } from './advice.ts'
import type { Chart } from '../charts/chart.ts'
import type { CauseWords } from './cause-words.ts'
import { causeAnswers } from './causes.ts'
import { capacityAnswers } from './capacity-text.ts'
import { chartImage } from './charts.ts'
import { configOf, type Context } from './context.ts'
import { hardwareWarnings } from './devices.ts'
import { modelWarnings } from './environment.ts'
import { changeAnswers, maxFigures, reportedChanges } from './change-answers.ts'
import {
  figureText,
  hasValue,
  ratioTexts,
  sharedDecimals,
  markedIfUnpaired,
  unitAfter,
} from './figure-text.ts'
import { gridAnswers } from './factors.ts'
import { integer } from '../format/number.ts'
import { gapText, hypothesisTable, measuredText, targetText } from './hypothesis-table.ts'
import { groupsOf } from './labels.ts'
import type { Markdown } from '../markdown/markdown.ts'
import { metricsWithRanking } from './models.ts'
import { isHeadline } from './metric-table.ts'
import { metricsByPlace } from './shown-metrics.ts'
import { tuningAnswers } from './tuning.ts'
import { reasonText, verdictNotes } from './verdict-notes.ts'
import type { ConclusionView } from './section-shapes.ts'

/** @param charts the charts of the report */
export function conclusionView(
  context: Context,
  words: CauseWords,
  charts: readonly Chart[],
): ConclusionView {
  const { standIn } = context.analysis
  const isRace = context.analysis.tuning !== undefined
  // The result of a race already says what to change, and how much that gains.
  const causes = isRace ? [] : causeAnswers(context, words)
  return {
    question: context.experiment.question ?? null,
    warnings: [...hardwareWarnings(context), ...modelWarnings(context)],
    answers: standIn ? [] : context.tables.first(answers(context, causes, hasDecision(context))),
    time: chartImage(charts, 'time', context),
    hypotheses: hypothesisTable(context),
    claims: chartImage(charts, 'claims', context),
    // The banner says why a stand-in has no verdicts.
    notes: standIn ? [] : verdictNotes(context),
    todo: isRace ? null : nextSteps(context, words),
  }
}

/**
 * The answer, one sentence per entry; empty if nothing was measured or recorded.
 * @param causes sentences about the causes of the main difference
 * @param isShort leaves out changes, which the tables of the report show
 */
export function answers(
  context: Context,
  causes: readonly Markdown[],
  isShort = false,
): readonly Markdown[] {
  const [ratios, changes] = [ratioAnswers(context), changeAnswers(context, isShort)]
  const capacities = capacityAnswers(context)
  const factors = [...gridAnswers(context), ...tuningAnswers(context)]
  const isCompared =
    ratios.length + changes.length + capacities.length + factors.length > 0 ||
    context.analysis.comparisons.some((each) => reportedChanges(each, context).length > 0)
  return [
    ...decision(context),
    ...capacities,
    ...failureAnswers(context),
    ...factors,
    // Skips a ratio that repeats a sentence about a change.
    ...ratios.filter(({ source }) => changes.every((change) => change.source !== source)),
    ...causes,
    ...changes,
    ...(isCompared ? [] : figureAnswers(context)),
    ...stateAnswers(context),
  ]
}

/** The answer to the question: the verdict on the hypothesis that decides it. Empty while the verdict is pending. */
function decision({ analysis, words }: Context): readonly Markdown[] {
  const decisive = decisiveHypothesis(analysis)
  if (decisive === undefined || decisive.verdict.code === 'pending') return []
  const { id, statement } = decisive.hypothesis
  return [
    words.markdown('answer.decision', {
      answer: words.text(`decision.${decisive.verdict.code}`),
      hypothesis: `${id} ${statement}`,
      measured: decisive.measured === undefined ? '' : measuredText(decisive, words),
      target: targetText(decisive, words),
      gap: gapText(decisive, words) ?? '',
    }),
  ]
}

/** The first gate, or else the only hypothesis. Without a gate, nothing shows which of several answers the question. */
function decisiveHypothesis({ hypotheses }: Context['analysis']): HypothesisResult | undefined {
  const only = hypotheses.length === 1 ? hypotheses[0] : undefined
  return hypotheses.find(({ hypothesis }) => hypothesis.gate) ?? only
}

/** True if a hypothesis decides the question. */
function hasDecision({ analysis }: Context): boolean {
  const code = decisiveHypothesis(analysis)?.verdict.code
  return code !== undefined && code !== 'pending' && code !== 'none'
}

/**
 * For each group except the baseline's: the ratio to the baseline of the group's last config that has one. If no config
 * of the group has a ratio, the reason why the last one is not compared.
 */
function ratioAnswers(context: Context): readonly Markdown[] {
  const { analysis, experiment, labels, words } = context
  const baseline = analysis.ratios.find(({ config }) => config === experiment.baseline)
  if (!baseline) return []
  const groups = [...groupsOf(experiment.configs).values()]
  const others = groups.filter((configs) => configs.every(({ key }) => key !== baseline.config))
  const compared = others.flatMap((configs) => {
    const ratios = configs.map(({ key }) => analysis.ratios.find(({ config }) => config === key))
    const stated = ratios.filter((ratio) => ratio !== undefined)
    const valued = stated.filter(({ value }) => value !== undefined)
    return (valued.length > 0 ? valued : stated.filter(({ obstacle }) => obstacle)).slice(-1)
  })
  return compared.flatMap((ratio) => {
    const { config, value, obstacle } = ratio
    if (value !== undefined) return [ratioAnswer(ratio, value, baseline, context)]
    if (obstacle === undefined) return []
    const names = { config: labels.full(config), base: labels.full(baseline.config) }
    const reason = reasonText(obstacle, context)
    return [words.markdown('answer.notCompared', { ...names, reason })]
  })
}

function ratioAnswer(
  { config, intervalInConclusion, unpaired, mixesMetrics, figure }: Ratio,
  value: number,
  baseline: Ratio,
  context: Context,
): Markdown {
  const { labels, words, metricWords } = context
  const isRecorded = (key: string) => configOf(context, key).state === 'recorded'
  const texts = ratioTexts(value, intervalInConclusion)
  const isDocument = [config, baseline.config].some(isRecorded)
  const interval =
    intervalInConclusion === undefined
      ? isDocument
        ? words.text('answer.untestedDocument')
        : words.text('answer.untestedRounds', { rounds: integer(minRounds) })
      : markedIfUnpaired(texts.interval, unpaired, words)
  const values = {
    config: labels.full(config),
    baseline: labels.full(baseline.config),
    metric: metricWords.inSentence(figure.metric),
    ratio: texts.value,
    beside: answerLengthsAndScores(config, baseline.config, context),
  }
  if (mixesMetrics)
    return words.markdown('answer.ratioMixture', {
      ...values,
      baselineMetric: metricWords.inSentence(baseline.figure.metric),
    })
  if (intervalInConclusion && intervalInConclusion.low <= 1 && intervalInConclusion.high >= 1)
    return words.markdown('answer.ratioOpen', { ...values, interval })
  return words.markdown('answer.ratio', { ...values, interval })
}

/** Answer lengths and scores of both configs, if they have different models and no sentence states their changes. */
function answerLengthsAndScores(config: string, baseline: string, context: Context): string {
  const { analysis, metricWords, words } = context
  const sides = [config, baseline].map((key) => configOf(context, key))
  const isStated = analysis.comparisons.some(
    (each) => each.config === config && each.base === baseline,
  )
  if (isStated || !modelsDiffer(sides)) return ''
  return metricsWithRanking(sides, context)
    .flatMap((metric) => {
      const [own, base] = sides.map(({ figures }) => figures.get(metric.id))
      if (!hasValue(own) || !hasValue(base)) return []
      const decimals = sharedDecimals([own, base])
      return words.text('answer.beside', {
        metric: metricWords.inSentence(metric),
        value: figureText(own, decimals, words),
        base: figureText(base, decimals, words),
        unit: metric.unit === '%' ? '' : metric.unit,
      })
    })
    .join(words.text('join.clauses'))
}

/** The figures of each config, if none is compared: its headline figures or, if it has none, others. */
function figureAnswers(context: Context): readonly Markdown[] {
  const { analysis, labels, words, metricWords } = context
  return analysis.configs.flatMap((config) => {
    const { open } = metricsByPlace([config], context)
    const figures = open.map(({ id }) => config.figures.get(id)).filter(hasValue)
    const headline = figures.filter(({ metric }) => isHeadline(metric))
    const stated = headline.length > 0 ? headline : figures.slice(0, maxFigures)
    if (stated.length === 0) return []
    const texts = stated.map((figure) => {
      const { metric } = figure
      const value = figureText(figure, sharedDecimals([figure]), words) + unitAfter(metric.unit)
      return words.text('answer.figure', { metric: metricWords.inSentence(metric), value })
    })
    return [
      words.markdown('answer.figures', {
        config: labels.full(config.config.key),
        figures: texts.join(words.text('join.clauses')),
      }),
    ]
  })
}

/** Says, for each config with failed requests, that its figures cover only the successful ones. */
function failureAnswers({ analysis, labels, words }: Context): readonly Markdown[] {
  return analysis.configs.flatMap(({ config, figures }) => {
    const rate = figures.get('okRate')
    if (rate?.value === undefined || rate.value >= minHealthyRate || !rate.counts) return []
    const { part, whole } = rate.counts
    return [
      words.markdown('answer.someFailed', {
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
      .join(words.text('join.list'))
  const [pending, failed] = [inState('pending'), inState('failed')]
  return [
    ...(pending === '' ? [] : [words.markdown('answer.pending', { configs: pending })]),
    ...(failed === '' ? [] : [words.markdown('answer.failed', { configs: failed })]),
  ]
}
