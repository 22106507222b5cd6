/**
 * The differences that the conclusion states: the changes of the answer's metrics, for each config with a `from`, and
 * one ratio to the baseline for each other group of configs. Readers see them together, so their marks and intervals
 * are corrected for their number: if nothing differs, at most 5 % of conclusions state a difference.
 */
import { metrics } from '../metrics/catalog.ts'
import { isAtLeast } from '../metrics/metric.ts'
import type { ConfigAnalysis } from './analysis.ts'
import { minRounds } from './figure-interval.ts'

const answerMetrics = metrics.filter((metric) => isAtLeast(metric, 'answer'))

/** The number of differences that the conclusion could state, because both sides have enough rounds for an interval. */
export function statedDifferences(configs: readonly ConfigAnalysis[], baseline?: string): number {
  const tested = configs.filter(({ rounds }) => rounds.ended >= minRounds)
  const find = (key: string | undefined) => tested.find(({ config }) => config.key === key)
  const pairs = tested.filter(({ config }) => find(config.from) !== undefined)
  const group = find(baseline)?.config.group
  const groups = new Set(tested.map(({ config }) => config.group))
  const ratios = group === undefined ? 0 : groups.size - 1
  return pairs.length * answerMetrics.length + ratios
}

/** The confidence of each of them by Bonferroni's correction: 0.95 for one, 0.99 for five. */
export function statedConfidence(differences: number): number {
  return 1 - 0.05 / Math.max(1, differences)
}
