/** Judges a claim about the capacity of a config with levels of a load. */
import type { Experiment, Hypothesis } from '../experiment/experiment.ts'
import { metricById } from '../metrics/catalog.ts'
import { degreesOfMean } from '../stats/power.ts'
import type { ConfigAnalysis, HypothesisResult } from './analysis.ts'
import { absenceOfCapacity, capacityOf } from './analyse-capacity.ts'
import type { Figure, Interval } from './figure.ts'
import { verdictOf } from './verdict.ts'

export interface CapacityRules extends Pick<Experiment, 'series' | 'objectives' | 'looks'> {
  readonly standIn: boolean
  readonly confidence: number
}

/** `undefined` if the claim is about something else. */
export function capacityResult(
  hypothesis: Hypothesis,
  configs: ReadonlyMap<string, ConfigAnalysis>,
  { series = [], objectives = [], looks = 1, standIn, confidence }: CapacityRules,
): HypothesisResult | undefined {
  const { claim } = hypothesis
  const metric = metricById(claim.metric)
  const own = series.find(({ key }) => key === claim.config)
  if (metric?.family !== 'capacity' || own === undefined) return undefined
  const capacity = capacityOf(own, objectives, configs, confidence)
  const value = capacity.estimate ?? capacity.atLeast
  const figure: Figure = {
    metric,
    ...(value === undefined ? { absence: absenceOfCapacity(capacity) } : { value }),
    n: 0,
    basedOn: 'trials',
    byRound: [],
    doubts: [],
  }
  const levels = own.levels.flatMap(({ config }) => configs.get(config) ?? [])
  const interval: Interval = {
    low: capacity.atLeast ?? 0,
    high: capacity.atMost ?? Infinity,
    confidence,
  }
  const measured = standIn || value === undefined ? {} : { measured: value, interval }
  const verdict = verdictOf({
    ...measured,
    claim,
    figure,
    config: levels.find(({ rounds }) => rounds.ended > 0) ?? levels[0],
    n: Math.min(...levels.map(({ rounds }) => rounds.ended)),
    degrees: degreesOfMean,
    standIn,
    plannedLooks: looks,
  })
  return { hypothesis, figure, verdict, ...measured }
}
