/** Which metrics a report shows, and in which order. */
import type { ConfigAnalysis } from '../analysis/analysis.ts'
import type { Figure } from '../analysis/figure.ts'
import type { Hypothesis } from '../experiment/experiment.ts'
import type { Metric } from '../metrics/metric.ts'
import { hasValue } from './figure-text.ts'

/** What a reader looks for first: in bold. */
const headline = ['qps', 'throughput', 'latencyMean', 'latencyP95', 'latencyP99', 'sampleTime']

const order = [
  'qps',
  'throughput',
  'requestedRate',
  'achievedRate',
  'users',
  'requests',
  'latencyMean',
  'latencyP95',
  'latencyP99',
  'latencyMeanFromSchedule',
  'latencyP95FromSchedule',
  'latencyP99FromSchedule',
  'sampleTime',
  'ttftMean',
  'decodeSpeed',
  'okRate',
  'outputTokens',
]

/** Told elsewhere for measured configs: users in the environment, requests with the success rate. */
const forRecorded = ['users', 'requests']

export function isHeadline({ id }: Metric): boolean {
  return headline.includes(id)
}

/**
 * The metrics of a group's table: those of the usual order, scores, and what hypotheses name, where at least
 * one config has a figure or could have had one.
 */
export function metricsOf(
  configs: readonly ConfigAnalysis[],
  hypotheses: readonly Hypothesis[],
): readonly Metric[] {
  const claimed = new Set(hypotheses.map(({ claim }) => claim.metric))
  const known = new Map<string, Metric>()
  for (const { figures } of configs) for (const [id, { metric }] of figures) known.set(id, metric)
  return [...known.values()]
    .filter(({ id, family }) => order.includes(id) || family === 'score' || claimed.has(id))
    .filter((metric) => isWorthARow(metric, configs))
    .toSorted((a, b) => place(a) - place(b))
}

function place({ id }: Metric): number {
  const index = order.indexOf(id)
  return index === -1 ? order.length : index
}

function isWorthARow({ id }: Metric, configs: readonly ConfigAnalysis[]): boolean {
  if (forRecorded.includes(id) && !configs.some(({ state }) => state === 'recorded')) return false
  return configs.some(({ figures }) => saysSomething(figures.get(id)))
}

function saysSomething(figure: Figure | undefined): boolean {
  const code = figure?.absence?.code
  return hasValue(figure) || code === 'too-few' || code === 'none-ok' || code === 'audit'
}
