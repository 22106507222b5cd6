/** The figures of the items of a mix, each from its own requests. */
import type { Objective } from '../experiment/threshold.ts'
import type { MetricId } from '../metrics/catalog.ts'
import type { StoredTrial } from '../results/store.ts'
import { rowsWhere } from './measured-requests.ts'
import { latencyParts, type MeasuredTrial } from './measured-trial.ts'
import { trialFigures } from './trial-figures.ts'
import type { TrialFigure } from './trial-summary.ts'

/** The metrics that an item has, in the order of the catalogue. Metrics of the whole server are left out. */
export const itemMetrics: readonly MetricId[] = [
  'qps',
  'throughput',
  'requests',
  'latencyMean',
  'latencyP50',
  'latencyP95',
  'ttftMean',
  'ttftP95',
  'decodeSpeed',
  'okRate',
  'outputTokens',
  'load',
]

/** By the name of the item, then by metric id; empty without a mix. */
export function itemFigures(
  trial: StoredTrial,
  measured: MeasuredTrial,
  objectives: readonly Objective[],
): ReadonlyMap<string, ReadonlyMap<string, TrialFigure>> {
  const { table, sent, ok } = measured
  const { codes, texts } = table.texts('item')
  return new Map(
    texts.map((item, code) => {
      const isOfItem = (row: number) => codes[row] === code
      const own = { table, sent: rowsWhere(sent, isOfItem), ok: rowsWhere(ok, isOfItem) }
      const figures = trialFigures(
        trial,
        { ...measured, ...own, parts: latencyParts(own) },
        objectives,
      )
      return [item, new Map(itemMetrics.flatMap((id) => entryOf(id, figures)))] as const
    }),
  )
}

function entryOf(
  id: MetricId,
  figures: ReadonlyMap<string, TrialFigure>,
): readonly (readonly [MetricId, TrialFigure])[] {
  const figure = figures.get(id)
  return figure === undefined ? [] : [[id, figure]]
}
