/** Definitions of every metric and quantity in a report, each once. */
import type { Change } from '../analysis/analysis.ts'
import type { Figure } from '../analysis/figure.ts'
import type { Metric } from '../metrics/catalog.ts'
import { configOf, type Context } from './context.ts'
import { durationText } from '../format/number.ts'
import { Markdown } from '../markdown/markdown.ts'
import { objectiveText } from './hypothesis-table.ts'
import { groupsOf } from './labels.ts'
import { metricsOf } from './shown-metrics.ts'
import type { DefinitionView } from './view.ts'

export function definitionViews(context: Context): readonly DefinitionView[] {
  const { words, metricWords, analysis } = context
  const byText = new Map<string, string[]>()
  for (const metric of shownMetrics(context)) {
    const definition = metricWords.definition(metric)
    byText.set(definition, [...(byText.get(definition) ?? []), metricWords.label(metric)])
  }
  const changes = analysis.comparisons.flatMap((comparison) => [...comparison.changes.values()])
  const recorded = analysis.configs.some(({ state }) => state === 'recorded')
  return [
    ...[...byText].map(([text, labels]) => ({
      name: labels.join(words.text('join.list')),
      text: new Markdown(text),
    })),
    ...objectiveViews(context),
    ...rampViews(context),
    ...(changes.some(({ value }) => value !== undefined)
      ? [{ name: words.text('definition.changeName'), text: words.markdown('definition.change') }]
      : []),
    ...(analysis.ratios.length > 1
      ? [{ name: words.text('definition.ratioName'), text: ratioDefinition(context) }]
      : []),
    ...(recorded
      ? [
          {
            name: words.text('definition.documentsName'),
            text: words.markdown('definition.documents'),
          },
        ]
      : []),
    ...(changes.some(({ interval }) => interval !== undefined)
      ? [
          {
            name: words.text('definition.intervalName'),
            text: intervalDefinition(changes, context),
          },
        ]
      : []),
  ]
}

/** The objectives of the service; empty if the file states none. */
function objectiveViews(context: Context): readonly DefinitionView[] {
  const { experiment, words } = context
  const { objectives = [] } = experiment
  if (objectives.length === 0) return []
  const texts = objectives.map((objective) => objectiveText(objective, context))
  return [
    {
      name: words.text('definition.objectivesName'),
      text: words.markdown('definition.objectives', {
        objectives: texts.join(words.text('join.list')),
      }),
    },
  ]
}

function ratioDefinition({ analysis: { rankedBy }, words, metricWords }: Context): Markdown {
  if (rankedBy.id === 'latencyMean') return words.markdown('definition.ratio')
  return words.markdown('definition.ratioOf', {
    metric: metricWords.label(rankedBy),
    higher: rankedBy.direction === 'higher' ? 'yes' : '',
  })
}

/** The longest time at the start of a trial that rates leave out; empty if they leave out nothing. */
function rampViews({ analysis, words }: Context): readonly DefinitionView[] {
  const windows = analysis.configs.flatMap(({ trials }) => trials.map(({ window }) => window))
  const rampMs = windows.map((window) => (window ? window.openMs - window.firstSentMs : 0))
  const longest = Math.max(0, ...rampMs)
  if (longest === 0) return []
  const values = { ramp: durationText(longest) }
  return [
    { name: words.text('definition.rampName'), text: words.markdown('definition.ramp', values) },
  ]
}

function intervalDefinition(changes: readonly Change[], { words }: Context): Markdown {
  const scores = changes.some(({ metric, interval }) => metric.family === 'score' && interval)
  const parts = [
    words.markdown('definition.interval'),
    ...(scores ? [words.markdown('definition.intervalScores')] : []),
  ]
  return new Markdown(parts.map(({ source }) => source).join(''))
}

function shownMetrics(context: Context): readonly Metric[] {
  const { experiment, analysis } = context
  const shown = [...groupsOf(experiment.configs).values()].flatMap((configs) =>
    metricsOf(
      configs.map(({ key }) => configOf(context, key)),
      context,
    ),
  )
  const figures: readonly Figure[] = [
    ...analysis.ratios.map(({ figure }) => figure),
    ...analysis.hypotheses.map(({ figure }) => figure),
  ]
  const all = [...shown, ...figures.map(({ metric }) => metric)]
  return [...new Map(all.map((metric) => [metric.id, metric])).values()]
}
