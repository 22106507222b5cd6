/** The metrics that a report shows, split into those that readers see at once and those in folded tables. */
import type { ConfigAnalysis } from '../analysis/analysis.ts'
import { modelsDiffer } from '../analysis/ranking.ts'
import type { Metric } from '../metrics/catalog.ts'
import { isAtLeast } from '../metrics/metric.ts'
import type { Context } from './context.ts'
import { hasValue } from './figure-text.ts'

type MetricRequests = Pick<Context, 'experiment' | 'analysis'>

/** The metrics of a group's open tables, and those of its folded tables. */
export function metricsByPlace(
  members: readonly ConfigAnalysis[],
  requests: MetricRequests,
): { readonly open: readonly Metric[]; readonly folded: readonly Metric[] } {
  const metrics = metricsOf(members, requests)
  const requested = requestedMetrics(metrics, requests)
  const open = metrics.filter((metric) => isUnfolded(metric, requested))
  // If a document gives only other figures, none of them is folded.
  if (open.length === 0) return { open: metrics, folded: [] }
  return { open, folded: metrics.filter((metric) => !open.includes(metric)) }
}

/**
 * The ids of the metrics that the file requests in claims, in `show` and in `rankBy`. If the configs have different
 * models, also the scores and the length of the answers.
 */
function requestedMetrics(
  known: readonly Metric[],
  { experiment: { hypotheses, show }, analysis }: MetricRequests,
): ReadonlySet<string> {
  const ofModels = modelsDiffer(analysis.configs)
    ? known.filter(({ id, family }) => family === 'score' || id === 'outputTokens')
    : []
  return new Set([
    ...hypotheses.map(({ claim }) => claim.metric),
    ...show,
    analysis.rankedBy.id,
    ...ofModels.map(({ id }) => id),
  ])
}

/** True for metrics that readers see without unfolding anything. */
function isUnfolded(metric: Metric, requested: ReadonlySet<string>): boolean {
  return isAtLeast(metric, 'unfolded') || requested.has(metric.id)
}

/**
 * The metrics of a group's tables: those with a figure in at least one config. An unfolded metric also has a row
 * without any figure, if a figure is missing for a reason that is worth showing.
 */
export function metricsOf(
  configs: readonly ConfigAnalysis[],
  requests: MetricRequests,
): readonly Metric[] {
  const known = new Map<string, Metric>()
  for (const { figures } of configs) for (const [id, { metric }] of figures) known.set(id, metric)
  const requested = requestedMetrics([...known.values()], requests)
  return [...known.values()].filter((metric) => {
    const { id } = metric
    if (!requested.has(id) && saysNothing(metric, configs)) return false
    return configs.some(({ figures }) => {
      const figure = figures.get(id)
      if (hasValue(figure)) return true
      const code = figure?.absence?.code ?? ''
      return (
        (isUnfolded(metric, requested) && shownAbsences.has(code)) ||
        (requested.has(id) && absencesIfRequested.has(code))
      )
    })
  })
}

/**
 * True if the figures add nothing: GPU memory if no config uses a GPU, or the time to the first output token if it
 * equals the time to the first token in all configs, because no answer used thinking.
 */
function saysNothing({ id }: Metric, configs: readonly ConfigAnalysis[]): boolean {
  if (ofGpu.has(id)) return configs.every(({ figures }) => (figures.get(id)?.value ?? 0) === 0)
  if (!id.startsWith('ttfo')) return false
  const firstToken = id.replace('ttfo', 'ttft')
  return configs.every(({ figures }) => figures.get(id)?.value === figures.get(firstToken)?.value)
}

const ofGpu: ReadonlySet<string> = new Set(['gpuShare', 'peakVram'])

/** Reasons for a missing figure that are worth a row of an unfolded metric. */
const shownAbsences: ReadonlySet<string> = new Set([
  'too-few',
  'none-ok',
  'short-window',
  'audit',
  'embeddings',
])
/** Reasons that are worth a row only if the file requests the metric. */
const absencesIfRequested: ReadonlySet<string> = new Set([
  'one-token',
  'embeddings',
  'cache-unknown',
  'no-evidence',
  'not-sampled',
  'few-samples',
  'above-size',
  'gpu-power-unknown',
])
