/**
 * Capacity: the highest measured level of a load at which a config meets the objectives. Input: the figures of its
 * levels. Output: the bounds that the intervals prove, *at least* and *at most*, and an estimate.
 *
 * The levels are tested in a fixed order, and the first level that proves nothing ends the test. Then no correction for
 * their number is needed (Maurer, Hothorn & Lehmacher 1995): upwards from the lowest for *at least*, downwards from the
 * highest for *at most*. This assumes that a config which meets the objectives at a level also meets them at lower
 * ones.
 */
import type { LoadSeries } from '../experiment/levels/load-series.ts'
import type { Objective } from '../experiment/threshold.ts'
import type { ConfigAnalysis } from './analysis.ts'
import { voidingAudit } from './audits/config-audits.ts'
import { loadCurveOf } from './load-curve.ts'
import { requestsForInterval, roundsInterval } from './figure-interval.ts'
import type { Capacity, JudgedObjective, LevelOutcome, MeasuredLevel } from './capacity.ts'
import type { Absence, Figure, Interval } from './figure.ts'
import { meetsThreshold } from './goodput.ts'
import { widenedByFigureError } from './timing-error.ts'

/**
 * @param confidence of the intervals. To prove a miss, it is corrected for the number of objectives, because one missed
 *   objective is enough.
 */
export function capacityOf(
  series: LoadSeries,
  objectives: readonly Objective[],
  configs: ReadonlyMap<string, ConfigAnalysis>,
  confidence: number,
): Capacity {
  const levels = series.levels.map((level) => {
    const config = configs.get(level.config)
    const judged = objectives.map((each) => judge(each, objectives.length, config, confidence))
    return { ...level, judged, outcome: outcomeOf(judged) }
  })
  const firstUnproven = levels.findIndex(({ outcome }) => outcome !== 'met')
  const proven = firstUnproven < 0 ? levels.at(-1) : levels[firstUnproven - 1]
  const lastPossible = levels.findLastIndex(({ outcome }) => outcome !== 'missed')
  const estimate = estimateOf(levels)
  return {
    series,
    levels,
    curve: loadCurveOf(series, configs),
    ...(proven === undefined ? {} : { atLeast: proven.value }),
    ...(lastPossible === levels.length - 1 ? {} : { atMost: levels[lastPossible]?.value ?? 0 }),
    ...(estimate === undefined ? {} : { estimate }),
  }
}

function judge(
  objective: Objective,
  count: number,
  config: ConfigAnalysis | undefined,
  confidence: number,
): JudgedObjective {
  const figure = config?.figures.get(objective.metric)
  if (figure?.value === undefined || config === undefined)
    return { objective, outcome: 'unclear', ...(figure === undefined ? {} : { figure }) }
  const intervalAt = (level: number) => {
    const plain = roundsInterval(figure, level)
    return plain && widenedByFigureError(figure, plain)
  }
  const interval = intervalAt(confidence)
  const judged = { objective, figure, ...(interval === undefined ? {} : { interval }) }
  const audit = voidingAudit(figure.metric, config)
  if (audit !== undefined) return { ...judged, outcome: 'unclear', obstacle: { audit } }
  if (interval === undefined) return { ...judged, outcome: 'unclear' }
  if (!isReliable(figure)) return { ...judged, outcome: 'unclear', obstacle: 'few-requests' }
  if (bothEnds(interval, (value) => meetsThreshold(value, objective.threshold)))
    return { ...judged, outcome: 'met' }
  const wider = intervalAt(1 - (1 - confidence) / count)
  const isMissed =
    wider !== undefined && bothEnds(wider, (value) => !meetsThreshold(value, objective.threshold))
  return { ...judged, outcome: isMissed ? 'missed' : 'unclear' }
}

/**
 * False if a trial has too few requests for a reliable interval, and for maxima, which grow with the number of
 * requests.
 */
function isReliable({ metric, byRound }: Figure): boolean {
  const requests = requestsForInterval(metric)
  return metric.isMaximum !== true && byRound.every(({ n }) => n >= requests)
}

function bothEnds({ low, high }: Interval, holds: (value: number) => boolean): boolean {
  return holds(low) && holds(high)
}

function outcomeOf(judged: readonly JudgedObjective[]): LevelOutcome {
  if (judged.some(({ outcome }) => outcome === 'missed')) return 'missed'
  return judged.every(({ outcome }) => outcome === 'met') ? 'met' : 'unclear'
}

function estimateOf(levels: readonly MeasuredLevel[]): number | undefined {
  let highest = 0
  for (const { value, judged } of levels) {
    const isMissed = judged.some(
      ({ figure, objective }) =>
        figure?.value !== undefined && !meetsThreshold(figure.value, objective.threshold),
    )
    if (isMissed) return highest
    if (judged.some(({ figure }) => figure?.value === undefined)) return undefined
    highest = value
  }
  return highest
}

/** Why the capacity has no estimate: the first reason for an absent figure of a level. */
export function absenceOfCapacity({ levels }: Capacity): Absence {
  const absences = levels.flatMap(({ judged }) =>
    judged.flatMap(({ figure }) => figure?.absence ?? []),
  )
  return absences[0] ?? { code: 'not-applicable' }
}
