/**
 * Sentences about comparisons that use only some rounds or samples, because one of the two configs lacks the others.
 */
import type { Change } from '../analysis/analysis.ts'
import { integer } from '../format/number.ts'
import type { Markdown } from '../markdown/markdown.ts'
import type { Metric } from '../metrics/catalog.ts'
import type { Context } from './context.ts'

interface ComparedMetric {
  readonly config: string
  readonly base: string
  readonly metric: Metric
  /** The number of shared rounds or samples. */
  readonly shared: number
  readonly partial: boolean
}

/** One sentence for each pair of configs and each number of shared rounds or of shared samples. */
export function sharedRounds(context: Context): readonly Markdown[] {
  const { labels, metricWords, words } = context
  const all = comparedMetrics(context)
  const partial = all.filter((each) => each.partial)
  const distinct = partial.filter(
    (each, index) =>
      partial.findIndex((one) => samePairAndUnit(one, each) && sameCount(one, each)) === index,
  )
  return distinct.map((each) => {
    const { config, base, metric, shared } = each
    const metrics = new Set(
      partial
        .filter((one) => samePairAndUnit(one, each) && sameCount(one, each))
        .map(({ metric }) => metric),
    )
    const coversAllMetrics = all
      .filter((one) => samePairAndUnit(one, each))
      .every((one) => metrics.has(one.metric))
    const names = [...metrics].map((one) => metricWords.inSentence(one))
    const values = {
      config: labels.full(config),
      base: labels.full(base),
      shared: shared === 0 ? '' : integer(shared),
      metrics: coversAllMetrics ? '' : names.join(words.text('join.list')),
    }
    return metric.family === 'score'
      ? words.markdown('certainty.sharedSamples', values)
      : words.markdown('certainty.sharedRounds', values)
  })
}

/**
 * True if both metrics compare the same two configs, in either direction, and are paired alike: both by round, or both
 * by sample.
 */
function samePairAndUnit(one: ComparedMetric, other: ComparedMetric): boolean {
  const isScore = ({ metric }: ComparedMetric) => metric.family === 'score'
  const pair = ({ config, base }: ComparedMetric) => [config, base].toSorted().join(' ')
  return pair(one) === pair(other) && isScore(one) === isScore(other)
}

function sameCount(one: ComparedMetric, other: ComparedMetric): boolean {
  return one.shared === other.shared
}

/** All comparisons of the report: of each config with its `from` and with the baseline, and of the pairs in claims. */
function comparedMetrics({ analysis, experiment }: Context): readonly ComparedMetric[] {
  const compared = (config: string, base: string, change: Change): readonly ComparedMetric[] => {
    const { metric, pairs, partial = false, value } = change
    return value === undefined && !partial ? [] : [{ config, base, metric, shared: pairs, partial }]
  }
  return [
    ...analysis.comparisons.flatMap(({ config, base, changes }) =>
      [...changes.values()].flatMap((change) => compared(config, base, change)),
    ),
    ...analysis.hypotheses.flatMap(({ hypothesis: { claim }, change }) =>
      claim.kind === 'value' || claim.factor !== undefined || change === undefined
        ? []
        : compared(claim.config, claim.versus, change),
    ),
    ...analysis.ratios.flatMap(({ config, figure, sharedRounds }) =>
      sharedRounds === undefined
        ? []
        : [
            {
              config,
              base: experiment.baseline ?? '',
              metric: figure.metric,
              shared: sharedRounds,
              partial: true,
            },
          ],
    ),
  ]
}
