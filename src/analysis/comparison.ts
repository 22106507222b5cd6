/** Compares two configs: the change of each metric, and whether it is better, worse or the same. */
import type { Hypothesis } from '../experiment/experiment.ts'
import type { Metric } from '../metrics/catalog.ts'
import type { Direction } from '../metrics/metric.ts'
import { machinesOf } from '../results/machines.ts'
import type { Change, Comparison, ConfigAnalysis, NoiseFloor } from './analysis.ts'
import type { Mark } from './figure.ts'
import type { Obstacle } from './obstacle.ts'
import { betweenRuns } from './between-runs.ts'
import {
  changeDetectable,
  changeInterval,
  changeValue,
  isPaired,
  sidesOf,
  type Sides,
} from './change.ts'
import { obstaclesBetween, undeclaredDifferences } from './comparability.ts'
import { tableConfidence } from './config-figures.ts'
import type { Interval } from './figure.ts'
import { defaultBand, floorOf } from './noise-floor.ts'
import { directionBetween, statedMetrics } from './ranking.ts'
import { inChangeUnit } from './test-scale.ts'

export interface MarkRules {
  readonly hypotheses: readonly Hypothesis[]
  readonly floor?: NoiseFloor | undefined
  /** The confidence of the changes in the conclusion; absent if the conclusion reports none. */
  readonly conclusionConfidence?: number
  /** The metric that ranks the configs; the conclusion states its change. */
  readonly rankedBy?: Metric
  /** See `obstaclesBetween`. */
  readonly forCauses?: boolean
  /** The ids of the metrics to compare. Default: all. */
  readonly only?: ReadonlySet<string>
}

/** The changes from `from` to `to`. Leaves out loads and counts, because they are set, not measured. */
export function compare(from: ConfigAnalysis, to: ConfigAnalysis, rules: MarkRules): Comparison {
  const obstacleTo = obstaclesBetween(from, to, rules.forCauses)
  const changes = [...to.figures.values()].flatMap(({ metric }) => {
    const isSet = metric.family === 'appliedLoad' || metric.family === 'count'
    const sides =
      isSet || rules.only?.has(metric.id) === false ? undefined : sidesOf(metric.id, from, to)
    return sides === undefined
      ? []
      : [[metric.id, changeOf(sides, from, to, rules, obstacleTo(metric))] as const]
  })
  const between = betweenRunsOf(from, to, new Map(changes))
  return {
    base: from.config.key,
    config: to.config.key,
    paired: isPaired(from, to),
    ...(between === undefined ? {} : { betweenRuns: between }),
    sameHost: areOnOneHost(from, to),
    undeclared: undeclaredDifferences(from, to),
    changes: new Map(changes),
  }
}

function betweenRunsOf(
  from: ConfigAnalysis,
  to: ConfigAnalysis,
  changes: Comparison['changes'],
): Comparison['betweenRuns'] {
  const tested = [...changes.values()].filter(({ unpaired }) => unpaired)
  const isRecorded = [from, to].some(({ state }) => state === 'recorded')
  const metric =
    isRecorded && changes.get('latencyMean')?.unpaired !== true
      ? tested.find(({ metric: { change } }) => change === 'ratio')?.metric
      : to.figures.get('latencyMean')?.metric
  if (metric === undefined || isPaired(from, to)) return undefined
  if (!isRecorded && [from.run, to.run].includes(undefined)) return undefined
  const { half, ...basis } = betweenRuns(metric, from, to, tableConfidence)
  return { ...basis, percent: Math.expm1(half) * 100 }
}

export function changeOf(
  sides: Sides,
  from: ConfigAnalysis,
  to: ConfigAnalysis,
  { hypotheses, floor, conclusionConfidence, rankedBy }: MarkRules,
  obstacle?: Obstacle,
): Change {
  const { metric } = sides
  const value = changeValue(sides)
  const interval = value === undefined ? undefined : changeInterval(sides, tableConfidence)
  const detectable = changeDetectable(sides, tableConfidence)
  const plainFloor = floorOf(metric, from, floor)
  const marking = {
    value,
    direction: directionBetween(metric, [from.config, to.config]),
    // An interval contains the timing error. Without an interval, the error is a floor.
    floor:
      interval === undefined ? Math.max(plainFloor, timingErrorInChangeUnit(sides)) : plainFloor,
    band: claimedBand(metric, from, to, hypotheses) ?? inChangeUnit(defaultBand, metric, from),
  }
  const stated =
    conclusionConfidence !== undefined &&
    interval !== undefined &&
    statedMetrics([from, to], rankedBy)(metric)
      ? changeInterval(sides, conclusionConfidence)
      : undefined
  return {
    metric,
    from: sides.from,
    to: sides.to,
    ...(value === undefined ? {} : { value }),
    ...(interval === undefined ? {} : { interval }),
    ...(obstacle === undefined
      ? {
          mark: markOf({ ...marking, interval }),
          ...(differs(marking, interval) && { differs: true as const }),
          ...(isHiddenByTimingError(sides, { ...marking, interval, plainFloor }) && {
            hiddenByTimingError: true as const,
          }),
        }
      : { mark: 'unknown' as const, obstacle }),
    ...(stated === undefined || obstacle !== undefined
      ? {}
      : {
          markInConclusion: markOf({ ...marking, interval: stated }),
          ...(differs(marking, stated) && { differsInConclusion: true as const }),
        }),
    pairs: sides.differences.length,
    ...(interval === undefined || sides.paired ? {} : { unpaired: true as const }),
    ...(sides.partial ? { partial: true as const } : {}),
    ...(interval === undefined || detectable === undefined || obstacle !== undefined
      ? {}
      : { detectable: Math.max(detectable, marking.floor) }),
  }
}

/** The band of a claim `same` about this metric and these configs; undefined without such a claim. */
function claimedBand(
  { id }: Metric,
  { config: from }: ConfigAnalysis,
  { config: to }: ConfigAnalysis,
  hypotheses: MarkRules['hypotheses'],
): number | undefined {
  for (const { claim } of hypotheses)
    if (
      claim.kind === 'same' &&
      claim.metric === id &&
      claim.config === to.key &&
      claim.versus === from.key
    )
      return claim.band
  return undefined
}

/** The load generator's own error in the unit of the change; 0 if it is not known. */
function timingErrorInChangeUnit({ metric, timingError = 0 }: Sides): number {
  return metric.change === 'ratio' ? Math.expm1(timingError) * 100 : timingError
}

/** True if the mark would differ without the load generator's own error. */
function isHiddenByTimingError(sides: Sides, marking: MarkInput & { plainFloor: number }): boolean {
  if (sides.timingError === undefined) return false
  const { intervalWithoutTimingError: interval = sides.interval } = sides
  const plain = {
    ...marking,
    floor: marking.plainFloor,
    interval: marking.interval && changeInterval({ ...sides, interval }, tableConfidence),
  }
  return markOf(plain) !== markOf(marking)
}

/** True if a metric without a better direction has changed: the interval excludes 0, and the change exceeds the floor. */
function differs(
  { direction, value = 0, floor }: Omit<MarkInput, 'interval'>,
  interval: Interval | undefined,
): boolean {
  if (direction !== 'neither' || interval === undefined) return false
  return (interval.low > 0 || interval.high < 0) && Math.abs(value) > floor
}

export interface MarkInput {
  /** Percent, or the metric's own unit. Absent if either figure is absent. */
  readonly value?: number | undefined
  readonly interval?: Interval | undefined
  readonly direction: Direction
  /** Changes up to this are noise. In the unit of `value`. */
  readonly floor: number
  /** Changes within ± this are the same for practical purposes. In the unit of `value`. */
  readonly band: number
}

/**
 * - better or worse: the interval excludes 0 and the change exceeds the floor
 * - same: the interval lies within the band
 * - unknown: otherwise
 *
 * Without an interval, a change that exceeds the floor is better or worse, and any other is unknown.
 */
export function markOf({ value, interval, direction, floor, band }: MarkInput): Mark {
  if (value === undefined) return 'unknown'
  const excludesZero = interval === undefined || interval.low > 0 || interval.high < 0
  if (excludesZero && Math.abs(value) > floor && direction !== 'neither')
    return value > 0 === (direction === 'higher') ? 'better' : 'worse'
  if (interval !== undefined && interval.low >= -band && interval.high <= band) return 'same'
  return 'unknown'
}

/** False if two trials are known to come from different machines: of their servers, or of their load generators. */
export function areOnOneHost(...sides: readonly ConfigAnalysis[]): boolean {
  const hosts = sides.flatMap(({ trials }) => trials.map(({ header }) => machinesOf(header)))
  return new Set(hosts).size <= 1
}
