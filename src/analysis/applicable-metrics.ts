/** The metrics that an experiment can have: its loads, documents and datasets decide. */
import type { Experiment } from '../experiment/experiment.ts'
import { metricById, metrics } from '../metrics/catalog.ts'
import type { Metric } from '../metrics/metric.ts'
import { scoreMetric } from '../metrics/score.ts'

/** In the catalogue's order, scores last; a metric that only a document gives is there where one gives it. */
export function applicableMetrics({ configs }: Experiment): readonly Metric[] {
  const measured = configs.filter((config) => config.kind === 'measured')
  const loads = new Set(measured.map(({ workload }) => workload.load.kind === 'open'))
  const recorded = configs.flatMap((config) => (config.kind === 'recorded' ? config.figures : []))
  const given = new Set(recorded.map(({ metric }) => metric))
  const applies = ({ id, recordedOnly }: Metric): boolean => {
    if (given.has(id)) return true
    if (recordedOnly === true || measured.length === 0) return false
    if (id === 'users') return loads.has(false)
    return (
      loads.has(true) || !(id.endsWith('FromSchedule') || (id.endsWith('Rate') && id !== 'okRate'))
    )
  }
  const scores = new Map<string, Metric>()
  for (const { dataset } of measured)
    for (const { name, measure } of dataset.checks)
      scores.set(name, scores.get(name) ?? scoreMetric(name, measure))
  const recordedScores = [...given].flatMap((id) => {
    const metric = metricById(id)
    return metric?.family === 'score' && !scores.has(metric.label.en) ? [metric] : []
  })
  return [...metrics.filter(applies), ...scores.values(), ...recordedScores]
}
