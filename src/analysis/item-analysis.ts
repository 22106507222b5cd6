/** The figures of the items of a mix over all trials of a config. */
import type { Config } from '../experiment/experiment.ts'
import { requestKindsOf } from '../experiment/mix.ts'
import { metricById } from '../metrics/catalog.ts'
import type { ConfigAnalysis, ItemAnalysis } from './analysis.ts'
import { measuredFigure } from './config-figures.ts'
import { itemMetrics } from './item-figures.ts'
import type { TrialSummary } from './trial-summary.ts'

/** @param ended the trials that ended */
export function itemsOf(
  config: Config,
  ended: readonly TrialSummary[],
): Pick<ConfigAnalysis, 'items'> {
  if (config.kind === 'recorded' || ended.length === 0) return {}
  const items = requestKindsOf(config).flatMap(({ item, config: { model } }): ItemAnalysis[] =>
    item === undefined ? [] : [{ name: item, model: model.name, figures: figuresOf(item, ended) }],
  )
  return items.length === 0 ? {} : { items }
}

function figuresOf(item: string, ended: readonly TrialSummary[]): ItemAnalysis['figures'] {
  const ofItem = ended.map((trial) => ({
    ...trial,
    figures: trial.items?.get(item) ?? new Map<string, never>(),
  }))
  return new Map(
    itemMetrics.flatMap((id) => {
      const metric = metricById(id)
      return metric === undefined ? [] : [[id, measuredFigure(metric, ofItem)] as const]
    }),
  )
}
