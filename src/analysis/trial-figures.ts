/** The figures of one trial: how each metric of the catalogue is computed from its requests. */
import type { Objective } from '../experiment/threshold.ts'
import { type LatencyPartId, type Metric, type MetricId, metrics } from '../metrics/catalog.ts'
import type { StoredTrial } from '../results/store.ts'
import { quantileOf } from '../stats/quantile.ts'
import type { Absence } from './figure.ts'
import { goodput, goodputShare } from './goodput.ts'
import {
  largest,
  mean,
  rowsWhere,
  standardDeviation,
  sumIn,
  valuesIn,
  withoutLaterTurns,
} from './measured-requests.ts'
import type { MeasuredTrial } from './measured-trial.ts'
import { timesPerToken, type SpanId } from './request-spans.ts'
import { withTimingErrors } from './timing-error.ts'
import { energyPerToken, gpuShare, peakMemory, peakVram } from './resource-figures.ts'
import type { TrialFigure } from './trial-summary.ts'
import { inputOf, type TrialInput } from './trial-input.ts'
import { swapFigures } from './swap-figures.ts'

/**
 * The version of the method that computes figures from stored results. Increase it if a change of the program gives
 * other figures for the same results. Locks store it, so that `exp diff` does not show the new method as a change of
 * figures. Method 1 counted the requests that ended inside the window. Method 2 counts each request by the share of its
 * service inside the window.
 */
export const figureMethod = 2

/**
 * The figures of a trial by metric id, without those that do not apply to its load. Empty if the trial has no window.
 * Scores are not among them, because they belong to samples, not to requests.
 */
export function trialFigures(
  trial: StoredTrial,
  measured: MeasuredTrial,
  objectives: readonly Objective[],
): ReadonlyMap<string, TrialFigure> {
  if (measured.window === undefined) return new Map()
  const input = inputOf(trial, measured, measured.window, objectives)
  const isEmbedding = measured.workload?.api === 'embed'
  const figures = new Map(
    metrics.flatMap((metric) => {
      const figure =
        isEmbedding && metric.needsAnswers
          ? { absence: { code: 'embeddings' } as const, n: input.ok.length }
          : computations[metric.id](input, metric)
      return figure === undefined ? [] : [[metric.id, figure] as const]
    }),
  )
  return withTimingErrors(figures, trial.end?.client?.timing, measured.workload)
}

/** `undefined` if the metric does not apply to the trial. */
type Computation = (input: TrialInput, metric: Metric) => TrialFigure | undefined

/** How each metric is computed. Scores have no entry: `sampleOutcomes` averages them by sample. */
const computations = {
  qps: (input) => rate(input, () => 1),
  throughput,
  totalThroughput,
  inputRate: (input) =>
    input.workload?.api === 'embed' ? rate(input, () => input.workload?.batch ?? 1) : undefined,
  goodput: (input) => goodput(input, (ok) => rate({ ...input, ok }, () => 1)),

  requestedRate: ({ sent, workload }) =>
    workload?.load.kind === 'open'
      ? { value: workload.load.ratePerSecond, n: sent.length }
      : undefined,
  achievedRate,
  users: ({ sent, workload }) =>
    workload === undefined || workload.load.kind === 'open'
      ? undefined
      : { value: workload.load.users, n: sent.length },
  requests: ({ sent }) => ({ value: sent.length, n: sent.length }),

  latencyMean: ofSpans('latency'),
  latencyP50: ofSpans('latency'),
  latencyP90: ofSpans('latency'),
  latencyP95: ofSpans('latency'),
  latencyP99: ofSpans('latency'),
  latencyMax: ofSpans('latency', (values) => largest(values, -Infinity)),
  latencySd: ofSpans('latency', standardDeviation),
  latencyMeanFromSchedule: ofSpans('latencyFromSchedule'),
  latencyP50FromSchedule: ofSpans('latencyFromSchedule'),
  latencyP95FromSchedule: ofSpans('latencyFromSchedule'),
  latencyP99FromSchedule: ofSpans('latencyFromSchedule'),
  sampleTime: () => undefined,

  ttftMean: ofSpans('firstToken'),
  ttftP50: ofSpans('firstToken'),
  ttftP95: ofSpans('firstToken'),
  ttftP99: ofSpans('firstToken'),
  ttfoMean: ofSpans('firstOutput'),
  ttfoP50: ofSpans('firstOutput'),
  ttfoP95: ofSpans('firstOutput'),
  ttfoP99: ofSpans('firstOutput'),

  tpot: timePerOutputToken,
  itlP50: interTokenLatency,
  itlP95: interTokenLatency,
  itlP99: interTokenLatency,
  longestGap: ({ table, ok, noData }) => {
    const gaps = valuesIn(ok, table.numbers('longestGapMs'))
    return figureOf(largest(gaps, -Infinity), gaps.length, noData)
  },

  decodeSpeed: ({ table, ok, noData }) => {
    const [times, tokens] = [table.numbers('evalMs'), table.numbers('outputTokens')]
    const timed = rowsWhere(ok, (row) => !Number.isNaN((times[row] ?? NaN) + (tokens[row] ?? NaN)))
    return figureOf((sumIn(timed, tokens) / sumIn(timed, times)) * 1000, timed.length, noData)
  },
  prefillSpeed,

  okRate: ({ sent, ok }) => ({
    ...figureOf((ok.length / sent.length) * 100, sent.length, { code: 'no-evidence' }),
    counts: { part: ok.length, whole: sent.length },
  }),

  goodputShare,
  // A figure of several configs together: see `capacityOf`.
  capacity: () => undefined,
  rateCapacity: () => undefined,

  outputTokens: meanOf('outputTokens'),
  promptTokens: meanOf('promptTokens'),

  wait: latencyPart('wait'),
  load: latencyPart('load'),
  prefill: latencyPart('prefill'),
  decode: latencyPart('decode'),
  outside: latencyPart('outside'),

  ...swapFigures,

  gpuShare: ({ evidence, table }) => gpuShare(evidence, table.length),
  peakMemory: ({ evidence, window }) => peakMemory(evidence, window),
  peakVram: ({ evidence, window }) => peakVram(evidence, window),
  energyPerToken: (input) => energyPerToken(input.evidence, input.window, throughput(input)),
} as const satisfies Record<MetricId, Computation>

/** The value, or the reason for its absence if it is not finite. */
function figureOf(value: number, n: number, absence: Absence): TrialFigure {
  return Number.isFinite(value) ? { value, n } : { absence, n }
}

/**
 * A rate per second: the sum of an amount over ok requests, each multiplied by its share inside the window. Absent, not
 * 0, without such requests, and if the window is shorter than the mean latency, because most requests then lie across
 * its edges.
 */
function rate(
  { window, ok, shares, spans, noData }: TrialInput,
  amountOf: (row: number) => number,
): TrialFigure {
  const windowMs = window.closeMs - window.openMs
  const latencyMs = mean(spans.latency.values)
  if (windowMs < latencyMs)
    return {
      absence: { code: 'short-window', windowMs: Math.max(0, windowMs), latencyMs },
      n: ok.length,
    }
  let [total, n] = [0, 0]
  for (const row of ok) {
    const amount = (shares[row] ?? NaN) * amountOf(row)
    if (!(amount > 0)) continue
    total += amount
    n += 1
  }
  return figureOf(n === 0 ? NaN : (total / windowMs) * 1000, n, noData)
}

function throughput(input: TrialInput): TrialFigure {
  const tokens = input.table.numbers('outputTokens')
  return rate(input, (row) => tokens[row] ?? NaN)
}

/**
 * Absent if a request has no prompt tokens: servers leave out a count of 0, and old ones do not count cached prompts.
 */
function totalThroughput(input: TrialInput): TrialFigure {
  const { table, ok } = input
  const [prompt, output] = [table.numbers('promptTokens'), table.numbers('outputTokens')]
  if (ok.some((row) => !((prompt[row] ?? NaN) > 0)))
    return { absence: { code: 'no-evidence' }, n: ok.length }
  const isEmbedding = input.workload?.api === 'embed'
  return rate(input, (row) => (prompt[row] ?? NaN) + (isEmbedding ? 0 : (output[row] ?? NaN)))
}

function achievedRate({
  table,
  sent,
  workload,
  window: { firstSentMs, closeMs },
}: TrialInput): TrialFigure | undefined {
  if (workload?.load.kind !== 'open') return undefined
  const sentAt = table.numbers('sentMs')
  const { length } = rowsWhere(sent, (row) => (sentAt[row] ?? NaN) <= closeMs)
  return figureOf((length / (closeMs - firstSentMs)) * 1000, length, { code: 'no-evidence' })
}

/** The metric's quantile of the spans; if the metric is not a quantile, their mean or another statistic. */
function ofSpans(id: SpanId, statistic: (values: Float64Array) => number = mean): Computation {
  return ({ spans, noData }, { appliesTo, quantile, minSamples }) => {
    const { values, allAscending, ascendingValues } = spans[id]
    const n = values.length
    if (n === 0 && appliesTo === 'open') return undefined
    if (n > 0 && n < minSamples) return { absence: { code: 'too-few', n, minSamples }, n }
    if (quantile === undefined) return figureOf(statistic(values), n, noData)
    return { ...figureOf(quantileOf(allAscending, quantile), n, noData), ascendingValues }
  }
}

function timePerOutputToken({ table, ok, noData }: TrialInput): TrialFigure {
  const perToken = timesPerToken({ table })
  const multiToken = rowsWhere(ok, (row) => !Number.isNaN(perToken[row]))
  const absence: Absence = ok.length > 0 && multiToken.length === 0 ? { code: 'one-token' } : noData
  return figureOf(mean(valuesIn(multiToken, perToken)), multiToken.length, absence)
}

/** The metric's quantile of the times between two arrivals of tokens, over all ok requests. */
function interTokenLatency(
  { tokenGaps: { histogram, ascendingValues, tokensPerArrival }, noData }: TrialInput,
  { quantile = NaN, minSamples }: Metric,
): TrialFigure {
  const n = histogram.total
  if (n > 0 && n < minSamples) return { absence: { code: 'too-few', n, minSamples }, n }
  const figure = figureOf(histogram.quantile(quantile), n, noData)
  return { ...figure, ascendingValues, tokensPerArrival }
}

function prefillSpeed({ table, ok, workload, noData }: TrialInput): TrialFigure {
  const times = table.numbers('promptEvalMs')
  const timed = rowsWhere(ok, (row) => !Number.isNaN(times[row]))
  const cached = sumIn(timed, table.numbers('cachedTokens'))
  // A server that reports cache hits leaves out zeros, so only a request with hits shows that it reports them. With
  // cold caches there are no hits, except in later turns of conversations.
  const cannotHit = workload?.cache === 'cold' && withoutLaterTurns(ok, table).length === ok.length
  const hitsAreKnown = cached > 0 || cannotHit
  if (ok.length > 0 && !hitsAreKnown) return { absence: { code: 'cache-unknown' }, n: ok.length }
  const uncached = sumIn(timed, table.numbers('promptTokens')) - cached
  return figureOf((uncached / sumIn(timed, times)) * 1000, timed.length, noData)
}

function meanOf(field: 'outputTokens' | 'promptTokens'): Computation {
  return ({ table, ok, noData }) => {
    const values = valuesIn(ok, table.numbers(field))
    return figureOf(mean(values), values.length, noData)
  }
}

/** Absent if the parts of a request exceed its latency, because then the parts are wrong. */
function latencyPart(id: LatencyPartId): Computation {
  return ({ parts: { means, violations }, ok, noData }) =>
    violations > 0
      ? { absence: { code: 'audit', audit: 'timeBudget' }, n: ok.length }
      : figureOf(means?.[id] ?? NaN, ok.length, noData)
}
