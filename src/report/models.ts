/** Compares the models of the measured configs, if they differ: a table of their facts, and quality against speed. */
import type { ConfigAnalysis } from '../analysis/analysis.ts'
import { type Advantage, type Choice, choicesAmong, scoresOf } from '../analysis/choices.ts'
import { modelsDiffer } from '../analysis/ranking.ts'
import { kindFacts } from '../experiment/target-kinds.ts'
import { decimalBytes, fixed, percentage } from '../format/number.ts'
import { oneLine } from '../format/plain-text.ts'
import { type Cell, inlineCode, type Markdown } from '../markdown/markdown.ts'
import type { Metric } from '../metrics/catalog.ts'
import type { FactId } from '../results/facts.ts'
import type { Context } from './context.ts'
import { factText } from './fact-text.ts'
import { emptyCell, figureText, hasValue, sharedDecimals } from './figure-text.ts'
import { boldLabel } from './labels.ts'
import { metricHead } from './metric-table.ts'
import type { ModelsView } from './view.ts'

/** Null if the file declares one model for all configs, or if fewer than two configs have results. */
export function modelsView(context: Context): ModelsView | null {
  const { analysis, metricWords } = context
  const measured = analysis.configs.filter(({ rounds, config }) => {
    return config.kind === 'measured' && rounds.ended > 0
  })
  if (measured.length < 2 || !modelsDiffer(analysis.configs)) return null
  const isNoise = measured.some(({ trials }) =>
    trials.some(({ header }) => kindFacts(header.target.actual).isSynthetic),
  )
  const result = isNoise ? undefined : choicesAmong(measured, analysis)
  return {
    table: modelTable(measured, context),
    speed: metricWords.inSentence(analysis.rankedBy),
    choices: context.tables.first((result?.choices ?? []).map((each) => choiceText(each, context))),
    confidence: result === undefined ? null : `${fixed(result.confidence * 100, 1)}%`,
    noScores: scoresOf(measured).length === 0,
  }
}

/** The metrics that tables show together with the ranking of models: the length of the answers, and the scores. */
export function metricsWithRanking(
  configs: readonly ConfigAnalysis[],
  { analysis }: Pick<Context, 'analysis'>,
): readonly Metric[] {
  if (!modelsDiffer(analysis.configs)) return []
  const lengths = configs.map(({ figures }) => figures.get('outputTokens')).filter(hasValue)
  return [...lengths.map(({ metric }) => metric).slice(0, 1), ...scoresOf(configs)]
}

/** The columns of these metrics in the ratio table. */
export function columnsWithRanking(context: Context) {
  const { analysis, words } = context
  return metricsWithRanking(analysis.configs, context).map((metric) => {
    const figureOf = (each: ConfigAnalysis | undefined) => each?.figures.get(metric.id)
    const decimals = sharedDecimals(analysis.configs.map(figureOf).filter(hasValue))
    return {
      head: metricHead(metric, analysis.configs, context),
      cell: (key: string): string => {
        const figure = figureOf(analysis.configs.find(({ config }) => config.key === key))
        return figure === undefined ? emptyCell : figureText(figure, decimals, words)
      },
    }
  })
}

interface Column {
  readonly head: Cell
  /** Undefined if nothing is known. */
  readonly cell: (config: ConfigAnalysis) => Cell | undefined
}

/** One row per config. Columns without any value are left out. */
function modelTable(measured: readonly ConfigAnalysis[], context: Context): Markdown {
  const { words } = context
  const fact = (id: 'parameterSize' | 'quantization'): Column => ({
    head: words.text(`fact.${id}`),
    cell: (config) => factText(id, config, words),
  })
  const size = (id: FactId, head: string): Column => ({
    head,
    cell: ({ facts }) => {
      const sizes = (facts.get(id)?.values ?? []).map((value) => decimalBytes(Number(value)))
      return sizes.length === 0 ? undefined : sizes.join(' / ')
    },
  })
  const figure = (id: string): readonly Column[] => {
    const figures = measured.map(({ figures: all }) => all.get(id)).filter(hasValue)
    const [first] = figures
    if (first === undefined) return []
    const decimals = sharedDecimals(figures)
    const cell = (config: ConfigAnalysis) => {
      const own = config.figures.get(id)
      return own && figureText(own, decimals, words)
    }
    return [{ head: metricHead(first.metric, measured, context), cell }]
  }
  const columns = [
    fact('parameterSize'),
    fact('quantization'),
    size('modelSizeBytes', words.text('column.onDisk')),
    size('loadedSizeBytes', words.text('column.inMemory')),
    ...['gpuShare', 'prefillSpeed', 'decodeSpeed'].flatMap(figure),
    ...scoresOf(measured).map((metric) => scoreColumn(metric, measured, context)),
  ].filter(({ cell }) => measured.some((config) => cell(config) !== undefined))
  return context.tables.make(
    [words.text('column.model'), ...columns.map(({ head }) => head)],
    measured.map((config): readonly Cell[] => [
      nameCell(config, context),
      ...columns.map(({ cell }) => cell(config) ?? emptyCell),
    ]),
  )
}

/** The label of the config and the name of its model, once if they are the same. */
function nameCell({ config }: ConfigAnalysis, { labels }: Context): Cell {
  const label = labels.full(config.key)
  const model = config.kind === 'measured' ? oneLine(config.model.name) : ''
  const name = boldLabel(label)
  return label === model ? name : [...name, { type: 'text', value: ' ' }, ...inlineCode(model)]
}

/** A score with its 95 % interval: `62.5% (30.6%, 86.3%)`. */
function scoreColumn(
  metric: Metric,
  measured: readonly ConfigAnalysis[],
  context: Context,
): Column {
  const head = metricHead(metric, measured, context)
  const tail = ` ${context.words.text('column.interval')}`
  return {
    head: typeof head === 'string' ? head + tail : [...head, { type: 'text', value: tail }],
    cell: ({ figures }) => {
      const figure = figures.get(metric.id)
      if (!hasValue(figure)) return figure && figureText(figure, 0, context.words)
      const { value, interval } = figure
      const ends = interval && ` (${percentage(interval.low)}, ${percentage(interval.high)})`
      return `${percentage(value)}${ends ?? ''}`
    },
  }
}

function choiceText(choice: Choice, context: Context): Markdown {
  const { labels, words } = context
  const config = labels.full(choice.config)
  if (choice.dominatedBy.length > 0)
    return words.markdown('choice.dominated', {
      config,
      by: advantagesText(choice.dominatedBy, context),
    })
  const advantages = advantagesText(choice.advantages, context)
  const undecided = choice.undecided.map((key) => labels.full(key)).join(words.text('join.list'))
  return choice.undecided.length > 0
    ? words.markdown('choice.undecided', { config, undecided, advantages })
    : words.markdown('choice.front', { config, advantages })
}

/** `Q8 (decode speed), F16 (decode speed)`. */
function advantagesText(
  advantages: readonly Advantage[],
  { labels, metricWords, words }: Context,
): string {
  return advantages
    .map(({ other, metrics }) => {
      const names = metrics.map((metric) => metricWords.inSentence(metric))
      return words.text('choice.better', {
        config: labels.full(other),
        metrics: names.join(words.text('join.list')),
      })
    })
    .join(words.text('join.list'))
}
