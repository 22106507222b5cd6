/**
 * Decides which metric ranks the configs, and which changes the conclusion states. Mean latency grows with the length
 * of the answers, so a ranking of models by latency would favour short answers. Models are therefore ranked by decode
 * speed (embeddings by inputs per second), unless the file names another metric (`rankBy`), and tables show their
 * answer lengths and scores as well. Configs of one model are ranked by inputs per second, too, if their requests have
 * different numbers of inputs to embed, because a request with more inputs takes longer.
 */
import type { Config, Experiment } from '../experiment/experiment.ts'
import { modelsOf } from '../experiment/mix.ts'
import type { Model } from '../experiment/model.ts'
import { metricById, type Metric, type MetricId } from '../metrics/catalog.ts'
import { isAtLeast, type Direction } from '../metrics/metric.ts'
import type { ConfigAnalysis } from './analysis.ts'
import { haveSameContent } from './model-content.ts'

/** The metric of the ratio table, before anything is measured. */
export function plannedRanking({
  rankBy,
  configs,
}: Pick<Experiment, 'rankBy' | 'configs'>): Metric {
  return rankingMetric(
    rankBy,
    configs.map((config) => ({ config, facts: new Map() })),
  )
}

/** A config with what is known about its model. */
export type ModelSide = Pick<ConfigAnalysis, 'config' | 'facts'>

/**
 * The metric of the ratio table.
 * @param rankBy the metric that the file names
 */
export function rankingMetric(rankBy: string | undefined, sides: readonly ModelSide[]): Metric {
  const isEmbedding = sides.some(
    ({ config }) => config.kind === 'measured' && config.workload.api === 'embed',
  )
  const ifModelsDiffer = isEmbedding ? 'inputRate' : 'decodeSpeed'
  const byDefault: MetricId = doSimilarWork(sides) ? 'latencyMean' : ifModelsDiffer
  const metric = metricById(rankBy ?? byDefault)
  if (metric === undefined) throw new TypeError(`no metric ${rankBy ?? byDefault}`)
  return metric
}

/**
 * False if the latencies of these configs cannot show which is faster, because their models or their requests differ.
 */
function doSimilarWork(sides: readonly ModelSide[]): boolean {
  return !modelsDiffer(sides) && !batchesDiffer(sides.map(({ config }) => config))
}

/** True if the file gives these configs requests with different numbers of inputs to embed. */
export function batchesDiffer(configs: readonly Config[]): boolean {
  const batches = configs.flatMap((config) =>
    config.kind === 'measured' && config.workload.api === 'embed'
      ? [config.workload.batch ?? 1]
      : [],
  )
  return new Set(batches).size > 1
}

/**
 * The direction of a metric between two configs; `neither` for rates and latencies of requests if the configs send
 * different numbers of inputs in a request.
 */
export function directionBetween(
  { id, family, direction }: Metric,
  configs: readonly [Config, Config],
): Direction {
  const isOfRequests = id === 'qps' || family === 'latency'
  return isOfRequests && batchesDiffer(configs) ? 'neither' : direction
}

/**
 * True if the file declares different models for these configs (recorded ones left out), and facts do not show that
 * they are the same model with different parameters.
 */
export function modelsDiffer(sides: readonly ModelSide[]): boolean {
  const measured = sides.filter(({ config }) => config.kind === 'measured')
  const [first, ...others] = measured
  if (first === undefined || !declareModels(measured.map(({ config }) => config))) return false
  return others.some(
    (other) =>
      declareModels([first.config, other.config]) &&
      !([first, other].every(hasOneModel) && haveSameContent(first.facts, other.facts)),
  )
}

/** False for a mix, whose facts are about its first model only. */
function hasOneModel({ config }: ModelSide): boolean {
  return config.kind === 'measured' && config.workload.mix === undefined
}

/** True if the file declares different models for these configs. Recorded configs are left out. */
export function declareModels(configs: readonly Config[]): boolean {
  const [first = [], ...others] = configs.flatMap((config) =>
    config.kind === 'measured' ? [modelsOf(config)] : [],
  )
  return others.some(
    (models) =>
      models.length !== first.length || models.some((model, index) => differ(model, first[index])),
  )
}

function differ({ name, digest }: Model, other: Model | undefined): boolean {
  return (
    name !== other?.name ||
    (digest !== undefined &&
      other.digest !== undefined &&
      !digest.startsWith(other.digest) &&
      !other.digest.startsWith(digest))
  )
}

/** Returns a predicate: is the metric's change between these two configs stated in the conclusion? */
export function statedMetrics(
  sides: readonly [ModelSide, ModelSide],
  rankedBy: Metric | undefined,
): (metric: Metric) => boolean {
  const areAlike = doSimilarWork(sides)
  return (metric) =>
    metric.id === rankedBy?.id ||
    (areAlike
      ? isAtLeast(metric, 'answer')
      : metric.id === 'outputTokens' || metric.family === 'score')
}
