/**
 * The catalogue: one entry for each metric, in the order in which tables, glossaries and hints list them. It is the
 * only source of ids, units and traits; `analysis/` holds the computations.
 */
import type { MetricFamily, MetricTraits, Unit } from './metric.ts'

type CatalogueFamily = Exclude<MetricFamily, 'score'>

/** Creates an entry. Defaults: lower is better, compared by ratio, folded, one request is enough for a figure. */
function metric<const Id extends string, const Family extends CatalogueFamily>(
  id: Id,
  family: Family,
  unit: Unit,
  traits: Partial<Omit<MetricTraits, 'unit'>> = {},
): MetricTraits & { readonly id: Id; readonly family: Family } {
  return {
    id,
    family,
    unit,
    direction: 'lower',
    aggregation: 'geometric',
    change: 'ratio',
    appliesTo: 'any',
    prominence: 'folded',
    terminalTables: [],
    minSamples: 1,
    ...traits,
  }
}

const higher = { direction: 'higher' } as const
const neither = { direction: 'neither' } as const
const planned = { ...neither, aggregation: 'arithmetic' } as const
const openLoop = { appliesTo: 'open' } as const
const withObjectives = { appliesTo: 'slo', prominence: 'unfolded' } as const
const ofLevels = { appliesTo: 'levels', aggregation: 'arithmetic', change: 'difference' } as const
const p50 = { quantile: 0.5 } as const
const p95 = { quantile: 0.95, minSamples: 20, tailSamples: 100 } as const
const p99 = { quantile: 0.99, minSamples: 100, tailSamples: 400 } as const
const comparisons = ['compare', 'compareModels'] as const
const everyTable = ['try', ...comparisons] as const
const maximum = { isMaximum: true } as const
const needsAnswers = { needsAnswers: true } as const
const byDifference = { aggregation: 'arithmetic', change: 'difference' } as const
const ofMix = { appliesTo: 'mix', prominence: 'unfolded', ...byDifference } as const

const entries = [
  metric('qps', 'rate', '1/s', {
    ...higher,
    prominence: 'primary',
    terminalTables: ['try', 'compare'],
  }),
  metric('throughput', 'rate', 'tokens/s', {
    ...higher,
    ...needsAnswers,
    prominence: 'headline',
    terminalTables: everyTable,
  }),
  metric('totalThroughput', 'rate', 'tokens/s', higher),
  // Texts that were embedded; a request has one or more.
  metric('inputRate', 'rate', '1/s', {
    ...higher,
    appliesTo: 'embed',
    prominence: 'headline',
    terminalTables: everyTable,
  }),
  // Requests that meet the objectives of the file.
  metric('goodput', 'rate', '1/s', { ...higher, ...withObjectives }),

  metric('requestedRate', 'appliedLoad', '1/s', { ...planned, ...openLoop }),
  metric('achievedRate', 'appliedLoad', '1/s', { ...higher, ...openLoop }),
  metric('users', 'appliedLoad', 'count', { ...planned, appliesTo: 'closed' }),
  metric('requests', 'count', 'count', {
    ...neither,
    aggregation: 'pooled',
    terminalTables: ['try'],
  }),

  metric('latencyMean', 'latency', 'ms', { prominence: 'primary', terminalTables: everyTable }),
  metric('latencyP50', 'latency', 'ms', p50),
  metric('latencyP90', 'latency', 'ms', { quantile: 0.9, minSamples: 10 }),
  metric('latencyP95', 'latency', 'ms', {
    ...p95,
    prominence: 'answer',
    terminalTables: ['try', 'compare'],
  }),
  metric('latencyP99', 'latency', 'ms', { ...p99, prominence: 'headline' }),
  metric('latencyMax', 'latency', 'ms', maximum),
  metric('latencySd', 'latency', 'ms', { minSamples: 2 }),
  metric('latencyMeanFromSchedule', 'latency', 'ms', openLoop),
  metric('latencyP50FromSchedule', 'latency', 'ms', { ...p50, ...openLoop }),
  metric('latencyP95FromSchedule', 'latency', 'ms', { ...p95, ...openLoop }),
  metric('latencyP99FromSchedule', 'latency', 'ms', { ...p99, ...openLoop }),
  metric('sampleTime', 'latency', 'ms', { appliesTo: 'recorded', prominence: 'headline' }),

  metric('ttftMean', 'firstToken', 'ms', { ...needsAnswers, terminalTables: everyTable }),
  metric('ttftP50', 'firstToken', 'ms', { ...needsAnswers, ...p50 }),
  metric('ttftP95', 'firstToken', 'ms', { ...needsAnswers, ...p95 }),
  metric('ttftP99', 'firstToken', 'ms', { ...needsAnswers, ...p99 }),
  // The time to the first output token, after any thinking.
  metric('ttfoMean', 'firstToken', 'ms', needsAnswers),
  metric('ttfoP50', 'firstToken', 'ms', { ...needsAnswers, ...p50 }),
  metric('ttfoP95', 'firstToken', 'ms', { ...needsAnswers, ...p95 }),
  metric('ttfoP99', 'firstToken', 'ms', { ...needsAnswers, ...p99 }),

  metric('tpot', 'stream', 'ms/token', needsAnswers),
  // The time between two arrivals of tokens. Each request has many, so that a trial of few requests has enough.
  metric('itlP50', 'stream', 'ms', { ...needsAnswers, ...p50 }),
  metric('itlP95', 'stream', 'ms', { ...needsAnswers, quantile: 0.95, minSamples: 20 }),
  metric('itlP99', 'stream', 'ms', { ...needsAnswers, quantile: 0.99, minSamples: 100 }),
  metric('longestGap', 'stream', 'ms', { ...needsAnswers, ...maximum }),

  metric('decodeSpeed', 'speed', 'tokens/s', {
    ...needsAnswers,
    ...higher,
    terminalTables: comparisons,
  }),
  metric('prefillSpeed', 'speed', 'tokens/s', {
    ...needsAnswers,
    ...higher,
    terminalTables: ['compareModels'],
  }),

  metric('okRate', 'share', '%', {
    ...higher,
    prominence: 'unfolded',
    terminalTables: comparisons,
    aggregation: 'pooled',
    change: 'difference',
  }),

  metric('goodputShare', 'share', '%', {
    ...higher,
    ...withObjectives,
    aggregation: 'pooled',
    change: 'difference',
  }),

  // The highest level of a load that meets the objectives: a figure of all levels of a config together.
  metric('capacity', 'capacity', 'count', { ...higher, ...ofLevels }),
  metric('rateCapacity', 'capacity', '1/s', { ...higher, ...ofLevels }),

  metric('outputTokens', 'tokens', 'tokens', {
    ...needsAnswers,
    ...neither,
    terminalTables: ['compareModels'],
  }),
  metric('promptTokens', 'tokens', 'tokens', neither),

  metric('wait', 'part', 'ms', { ...needsAnswers, ...byDifference }),
  metric('load', 'part', 'ms', { ...needsAnswers, ...byDifference }),
  metric('prefill', 'part', 'ms', { ...needsAnswers, ...byDifference }),
  metric('decode', 'part', 'ms', { ...needsAnswers, ...byDifference }),
  // The part of latency that is not in the server's own durations.
  metric('outside', 'part', 'ms', { ...needsAnswers, ...byDifference }),

  // For a mix of models, which may evict each other.
  metric('modelLoads', 'models', 'count', ofMix),
  metric('evictions', 'models', 'count', ofMix),
  // The share of time in which requests wait for their models, not swap space.
  metric('swapShare', 'models', '%', ofMix),

  metric('gpuShare', 'memory', '%', { ...higher, ...byDifference }),
  metric('peakMemory', 'resource', 'GB'),
  metric('peakVram', 'resource', 'GB'),
  metric('energyPerToken', 'resource', 'J/token', needsAnswers),
]

/** The id of a metric of the catalogue, as written in experiment files and locks. */
export type MetricId = (typeof entries)[number]['id']

export interface CatalogueMetric extends MetricTraits {
  readonly id: MetricId
  readonly family: CatalogueFamily
}

export type Metric = CatalogueMetric | ScoreMetric

/** All metrics except scores, which belong to datasets. */
export const metrics: readonly CatalogueMetric[] = entries

/** Ids of `metrics`. In addition, each check of a dataset has the metric `score.<name>`. */
export const metricIds: readonly MetricId[] = metrics.map(({ id }) => id)

type LatencyPart = Extract<(typeof entries)[number], { readonly family: 'part' }>

/** The id of a part of the latency. */
export type LatencyPartId = LatencyPart['id']

/** The parts of a request's latency, in the order in which they happen. They add up to the latency. */
export const latencyPartIds: readonly LatencyPartId[] = entries
  .filter((entry): entry is LatencyPart => entry.family === 'part')
  .map(({ id }) => id)

const byId: ReadonlyMap<string, CatalogueMetric> = new Map(
  metrics.map((entry) => [entry.id, entry]),
)

/** The metric with that id, or `undefined` if no metric has it. `score.<name>` is a metric for any name. */
export function metricById(id: string): Metric | undefined {
  if (id.startsWith(scorePrefix) && id.length > scorePrefix.length)
    return scoreMetric(id.slice(scorePrefix.length))
  return byId.get(id)
}

/** The id of a score is this prefix and the name of its check. */
export const scorePrefix = 'score.'

export type ScoreMeasure = 'exact' | 'contains' | 'regex' | 'json' | 'closeness'

export interface ScoreMetric extends MetricTraits {
  readonly id: `${typeof scorePrefix}${string}`
  readonly family: 'score'
  /** The name of the check, which is the label of the score in every locale. */
  readonly check: string
  /** How the check judges an answer. Absent if it is not known. */
  readonly measure?: ScoreMeasure
}

/** The metric `score.<check>`. */
export function scoreMetric(check: string, measure?: ScoreMeasure): ScoreMetric {
  return {
    id: `${scorePrefix}${check}`,
    family: 'score',
    check,
    ...(measure === undefined ? {} : { measure }),
    unit: '%',
    direction: 'higher',
    aggregation: 'pooled',
    change: 'difference',
    appliesTo: 'any',
    prominence: 'folded',
    terminalTables: [],
    minSamples: 1,
  }
}
