import type { Experiment } from '../experiment/experiment.ts'
import { type Metric, metricById, metrics, scoreMetric } from '../metrics/catalog.ts'

/**
 * The metrics that the configs of an experiment can have, in the order of the catalogue, scores last. A metric
 * applies if a document gives it, or if a measured config has the load that it needs.
 */
export function applicableMetrics({ configs }: Experiment): readonly Metric[] {
  const measured = configs.filter((config) => config.kind === 'measured')
  const isOpen = measured.map(({ workload }) => workload.load.kind === 'open')
  const inDocuments = new Set(
    configs.flatMap((config) =>
      config.kind === 'recorded' ? config.figures.map(({ metric }) => metric) : [],
    ),
  )
  const isMeasurable: Readonly<Record<Metric['appliesTo'], boolean>> = {
    any: measured.length > 0,
    closed: isOpen.includes(false),
    open: isOpen.includes(true),
    recorded: false,
  }
  const scores = new Map<string, Metric>()
  for (const { dataset } of measured)
    for (const { name, measure } of dataset.checks) {
      const score = scoreMetric(name, measure)
      if (!scores.has(score.id)) scores.set(score.id, score)
    }
  for (const id of inDocuments) {
    const metric = metricById(id)
    if (metric?.family === 'score' && !scores.has(id)) scores.set(id, metric)
  }
  return [
    ...metrics.filter(({ id, appliesTo }) => inDocuments.has(id) || isMeasurable[appliesTo]),
    ...scores.values(),
  ]
}
