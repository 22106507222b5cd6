/** Which metrics a report shows, in the order of the catalogue. */
import type { ConfigAnalysis } from '../analysis/analysis.ts'
import type { Figure } from '../analysis/figure.ts'
import type { Hypothesis } from '../experiment/experiment.ts'
import type { Metric } from '../metrics/catalog.ts'
import { isAtLeast } from '../metrics/metric.ts'
import { hasValue } from './figure-text.ts'

/** The metrics a reader looks for first, which are printed in bold. */
export function isHeadline(metric: Metric): boolean {
  return isAtLeast(metric, 'headline')
}

/**
 * The metrics of a group's table: those prominent enough for tables and those that hypotheses name, if at least one
 * config has a figure, or lacks it for a reason that the table shows.
 */
export function metricsOf(
  configs: readonly ConfigAnalysis[],
  hypotheses: readonly Hypothesis[],
): readonly Metric[] {
  const claimed = new Set(hypotheses.map(({ claim }) => claim.metric))
  const hasDocument = configs.some(({ state }) => state === 'recorded')
  const known = new Map<string, Metric>()
  for (const { figures } of configs) for (const [id, { metric }] of figures) known.set(id, metric)
  return [...known.values()]
    .filter((metric) => isAtLeast(metric, 'document') || claimed.has(metric.id))
    .filter(({ prominence }) => prominence !== 'document' || hasDocument)
    .filter(({ id }) => configs.some(({ figures }) => isWorthShowing(figures.get(id))))
}

function isWorthShowing(figure: Figure | undefined): boolean {
  const code = figure?.absence?.code
  return hasValue(figure) || code === 'too-few' || code === 'none-ok' || code === 'audit'
}
