/** The figures of a config: combined from its trials, or taken from a document. */
import type { Config, RecordedConfig, Experiment } from '../experiment/experiment.ts'
import {
  type Metric,
  type ScoreMetric,
  metricById,
  metrics,
  scoreMetric,
} from '../metrics/catalog.ts'
import type { Counts } from '../stats/interval.ts'
import { areBinary, outcomesInterval, pooled, roundsInterval } from './figure-interval.ts'
import type { Absence, Doubt, Figure, RoundFigure } from './figure.ts'
import { mean, sum } from './measured-requests.ts'
import { meanTimingError, timingErrorDoubts } from './timing-error.ts'
import type { TrialFigure, TrialSummary, SampleScore } from './trial-summary.ts'

/** Confidence of the intervals in tables. Intervals of claims have their own. */
export const tableConfidence = 0.95
/**
 * Below this mean number of tokens per arrival, nearly all tokens arrive one by one: the last token of an answer has no
 * text, and so no arrival.
 */
const minTokensTogether = 1.5

/** @param trials all trials of the run in use; the figure is based on the ended ones */
export function configFigure(
  metric: Metric,
  config: Config,
  trials: readonly TrialSummary[],
): Figure {
  return config.kind === 'recorded'
    ? recordedFigure(metric, config)
    : measuredFigure(metric, trials)
}

/** @param trials all trials of one run of a config; the figure is based on the ended ones */
export function measuredFigure(metric: Metric, trials: readonly TrialSummary[]): Figure {
  const ended = endedOf(trials)
  if (ended.length === 0) return absentFigure(metric, absenceWithoutTrials(trials))
  return metric.family === 'score' ? scoreFigure(metric, ended) : trialsFigure(metric, ended)
}

/** The trials that ended. All figures are based on these. */
export function endedOf(trials: readonly TrialSummary[]): readonly TrialSummary[] {
  return trials.filter(({ outcome }) => outcome === 'ended')
}

function absentFigure(
  metric: Metric,
  absence: Absence,
  basedOn: Figure['basedOn'] = 'requests',
): Figure {
  return { metric, absence, n: 0, basedOn, byRound: [], doubts: [] }
}

function absenceWithoutTrials(trials: readonly TrialSummary[]): Absence {
  const failed = trials.find(({ outcome }) => outcome === 'failed')
  return failed === undefined
    ? { code: 'pending' }
    : { code: 'failed', reason: failed.end?.reason ?? '' }
}

function recordedFigure(metric: Metric, { figures }: RecordedConfig): Figure {
  const recorded = figures.find((figure) => figure.metric === metric.id)
  if (recorded === undefined) return absentFigure(metric, { code: 'not-recorded' }, 'document')
  const n = recorded.counts?.whole ?? figures.find(({ metric: id }) => id === 'requests')?.value
  return withInterval({
    ...recorded,
    metric,
    n: n ?? 0,
    basedOn: 'document',
    byRound: [],
    doubts: n === undefined ? [] : tailDoubts(metric, n),
  })
}

type KnownFigure = TrialFigure & { readonly value: number }

function trialsFigure(metric: Metric, ended: readonly TrialSummary[]): Figure {
  const figures = ended.map(({ figures }) => figures.get(metric.id))
  const known = ended.flatMap((trial) => {
    const figure = trial.figures.get(metric.id)
    return figure !== undefined && isKnown(figure) ? [{ trial, figure }] : []
  })
  const absence = absenceOf(figures, known.length)
  const n = sum(figures.map((figure) => figure?.n ?? 0))
  if (absence !== undefined) return { ...absentFigure(metric, absence), n }
  const byRound = known.map(({ trial, figure }) => roundFigure(trial, figure))
  const counts = pooledCounts(byRound)
  const timingError = meanTimingError(known.map(({ figure }) => figure.timingError))
  const sources = [...new Set(known.flatMap(({ figure }) => figure.source ?? []))]
  const value = combine(metric, byRound)
  const timingErrorField = timingError === undefined ? {} : { timingError }
  return withInterval({
    metric,
    value,
    n,
    basedOn: 'requests',
    byRound,
    ...(counts === undefined ? {} : { counts }),
    ...(sources.length === 0 ? {} : { sources }),
    ...timingErrorField,
    doubts: [
      ...tailDoubts(metric, Math.min(...byRound.map(({ n }) => n))),
      ...missingRounds(ended.length - known.length, ended.length),
      ...severalTokens(known.flatMap(({ figure }) => figure.tokensPerArrival ?? [])),
      ...timingErrorDoubts(metric, { value, ...timingErrorField }),
    ],
  })
}

/** @param requests the number of requests in the trial that has the fewest */
function tailDoubts({ tailSamples = 0 }: Metric, requests: number): readonly Doubt[] {
  if (requests >= tailSamples) return []
  return [{ code: 'fewForTail', details: { requests: tailSamples } }]
}

function missingRounds(missing: number, ended: number): readonly Doubt[] {
  return missing === 0 ? [] : [{ code: 'missingRounds', details: { missing, ended } }]
}

/** @param tokensPerArrival of each trial */
function severalTokens(tokensPerArrival: readonly number[]): readonly Doubt[] {
  const tokens = mean(tokensPerArrival)
  return tokens >= minTokensTogether ? [{ code: 'severalTokens', details: { tokens } }] : []
}

function isKnown(figure: TrialFigure): figure is KnownFigure {
  return figure.value !== undefined
}

function roundFigure(
  { header: { run, round, position } }: TrialSummary,
  {
    value,
    n,
    counts,
    ascendingValues,
  }: Pick<RoundFigure, 'value' | 'n' | 'counts' | 'ascendingValues'>,
): RoundFigure {
  return {
    run,
    round,
    position,
    value,
    n,
    ...(counts === undefined ? {} : { counts }),
    ...(ascendingValues === undefined ? {} : { ascendingValues }),
  }
}

/**
 * The reason why the config has no figure: a trial has too few requests for it, an audit voids it, or no trial has it.
 * @param known number of trials that have a figure
 */
function absenceOf(
  figures: readonly (TrialFigure | undefined)[],
  known: number,
): Absence | undefined {
  const absences = figures.flatMap((figure) => figure?.absence ?? [])
  const tooFew = absences.flatMap((absence) => (absence.code === 'too-few' ? [absence] : []))
  const [fewest] = tooFew.toSorted((one, other) => one.n - other.n)
  if (fewest !== undefined) return fewest
  const voided = absences.find(({ code }) => code === 'audit')
  if (voided !== undefined) return voided
  return known > 0 ? undefined : (absences[0] ?? { code: 'not-applicable' })
}

/** The counts of all rounds together; `undefined` if they have none. */
export function pooledCounts(rounds: readonly Pick<RoundFigure, 'counts'>[]): Counts | undefined {
  const counts = rounds.flatMap(({ counts }) => counts ?? [])
  return counts.length === 0 ? undefined : pooled(counts)
}

/**
 * The figure over these rounds. Without rounds, it is 0 for `pooled` metrics, because they are sums, and else `NaN`.
 */
export function combine({ aggregation }: Metric, rounds: readonly RoundFigure[]): number {
  const values = rounds.map(({ value }) => value)
  switch (aggregation) {
    case 'arithmetic':
      return mean(values)
    case 'pooled': {
      const counts = pooledCounts(rounds)
      return counts === undefined ? sum(values) : (counts.part / counts.whole) * 100
    }
    case 'geometric':
      // Equal values keep their exact bits. Zeros have no logarithm: one round without goodput must not make the mean
      // 0.
      if (values.every((value) => value === values[0])) return values[0] ?? NaN
      return values.includes(0) ? mean(values) : Math.exp(mean(values.map(Math.log)))
  }
}

function scoreFigure(metric: ScoreMetric, ended: readonly TrialSummary[]): Figure {
  const { check } = metric
  const outcomes = [...sampleOutcomes(ended, check).values()]
  if (outcomes.length === 0) return absentFigure(metric, { code: 'no-evidence' }, 'samples')
  const byRound = ended.flatMap((trial) => {
    const trialOutcomes = [...sampleOutcomes([trial], check).values()]
    return trialOutcomes.length === 0
      ? []
      : [roundFigure(trial, { value: percentOf(trialOutcomes), n: trialOutcomes.length })]
  })
  const counts = areBinary(outcomes) ? { part: sum(outcomes), whole: outcomes.length } : undefined
  const interval = outcomesInterval(outcomes, tableConfidence)
  return {
    metric,
    value: percentOf(outcomes),
    n: outcomes.length,
    basedOn: 'samples',
    byRound,
    ...(counts === undefined ? {} : { counts }),
    ...(interval === undefined ? {} : { interval }),
    doubts: [],
  }
}

function withInterval(figure: Figure): Figure {
  const interval = roundsInterval(figure, tableConfidence)
  return interval === undefined ? figure : { ...figure, interval }
}

/** One outcome for each sample, 0..1: the mean over all its requests in all rounds. */
export function sampleOutcomes(
  trials: readonly TrialSummary[],
  check: string,
): ReadonlyMap<string, number> {
  const scores = new Map<string, SampleScore[]>()
  for (const trial of trials)
    for (const [sample, score] of trial.scores.get(check) ?? [])
      scores.set(sample, [...(scores.get(sample) ?? []), score])
  return new Map(
    [...scores].map(([sample, trialScores]) => {
      const n = trialScores.reduce((total, part) => total + part.n, 0)
      const total = trialScores.reduce((whole, part) => whole + part.mean * part.n, 0)
      return [sample, roundToWhole(total / n)]
    }),
  )
}

/** Removes rounding errors from means of outcomes that are all 0 or all 1. */
function roundToWhole(outcome: number): number {
  const whole = Math.round(outcome)
  return Math.abs(outcome - whole) < 1e-9 ? whole : outcome
}

/** The mean of outcomes in percent; `NaN` without outcomes. */
export function percentOf(outcomes: Iterable<number>): number {
  return mean([...outcomes]) * 100
}

/**
 * The metrics that the configs of an experiment can have, in the order of the catalogue, scores last. A metric
 * applies if a document gives it, or if a measured config has the load that it needs.
 */
export function applicableMetrics({ configs, objectives }: Experiment): readonly Metric[] {
  const measured = configs.filter((config) => config.kind === 'measured')
  const loops = measured.map(({ workload }) => (workload.load.kind === 'open' ? 'open' : 'closed'))
  const inDocuments = new Set(
    configs.flatMap((config) =>
      config.kind === 'recorded' ? config.figures.map(({ metric }) => metric) : [],
    ),
  )
  const isMeasurable: Readonly<Record<Metric['appliesTo'], boolean>> = {
    any: measured.length > 0,
    closed: loops.includes('closed'),
    open: loops.includes('open'),
    embed: measured.some(({ workload }) => workload.api === 'embed'),
    mix: measured.some(({ workload }) => workload.mix !== undefined),
    slo: measured.length > 0 && objectives !== undefined,
    levels: false,
    recorded: false,
  }
  const scores = new Map<string, Metric>()
  const datasets = measured.flatMap(({ dataset, itemDatasets }) => [
    dataset,
    ...(itemDatasets?.values() ?? []),
  ])
  for (const dataset of datasets)
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
