/**
 * Analyses the levels of a load beyond the capacity: where throughput stops growing, and where requests begin to wait.
 */
import type { LoadSeries } from '../experiment/levels/load-series.ts'
import { type LatencyPartId, latencyPartIds } from '../metrics/catalog.ts'
import type { ConfigAnalysis } from './analysis.ts'
import type { LatencyRise, LoadCurve, WaitingLevel } from './capacity.ts'
import { changeInterval, sidesOf } from './change.ts'
import type { Interval } from './figure.ts'
import { sum } from './measured-requests.ts'

/** If throughput grows by less than this from one level to the next, in percent, it counts as not growing. */
const flatPercent = 10
/** Requests count as waiting if they wait for at least this share of the mean latency. */
const waitShare = 0.1

interface Level {
  readonly value: number
  readonly analysis: ConfigAnalysis
  /** The server's slots. Absent if they are not known, or if levels are rates instead of users. */
  readonly slots?: number
}

export function loadCurveOf(
  { of, levels }: LoadSeries,
  configs: ReadonlyMap<string, ConfigAnalysis>,
): LoadCurve {
  const measured = levels.flatMap(({ value, config }): readonly Level[] => {
    const analysis = configs.get(config)
    if (analysis === undefined) return []
    const slots = of === 'users' ? slotsOf(analysis) : undefined
    return [{ value, analysis, ...(slots === undefined ? {} : { slots }) }]
  })
  const confidence = 1 - 0.05 / Math.max(1, measured.length - 1)
  const change: ChangeOf = (id, from, to) => {
    const sides = sidesOf(id, from.analysis, to.analysis)
    return sides && changeInterval(sides, confidence)
  }
  const kneeAt = kneeOf(measured, change)
  const waiting = waitingLevels(measured, change)
  const unlistedFrom = waiting.find(hasSlotForAll)
  const waitsFrom = waiting.find((level) => !hasSlotForAll(level))
  const rise = latencyRiseOver(measured, change)
  return {
    ...(kneeAt === undefined ? {} : { kneeAt }),
    ...(unlistedFrom === undefined ? {} : { unlistedFrom: waitingLevel(unlistedFrom) }),
    ...(waitsFrom === undefined ? {} : { waitsFrom: waitingLevel(waitsFrom) }),
    ...(rise === undefined ? {} : { rise }),
  }
}

/** The interval of the change of a metric between two levels. */
type ChangeOf = (id: string, from: Level, to: Level) => Interval | undefined

/** The level up to which throughput is proven to grow, if it is proven not to grow from there to the next. */
function kneeOf(levels: readonly Level[], change: ChangeOf): number | undefined {
  for (const [index, level] of levels.entries()) {
    const next = levels[index + 1]
    const growth = next && change('qps', level, next)
    if (growth === undefined) return undefined
    if (growth.high < flatPercent) return level.value
    if (growth.low <= 0) return undefined
  }
  return undefined
}

/**
 * The levels at which requests wait, and are proven to wait longer than at the lowest level. None if requests wait at
 * the lowest level, too.
 */
function waitingLevels(levels: readonly Level[], change: ChangeOf): readonly Level[] {
  const [lowest, ...higher] = levels
  if (lowest === undefined || waits(lowest)) return []
  return higher.filter((level) => {
    const longer = change('wait', lowest, level)
    return waits(level) && longer !== undefined && longer.low > 0
  })
}

/** The server's slots, if they are the same in all trials. */
function slotsOf({ facts }: ConfigAnalysis): number | undefined {
  const [slots, ...others] = facts.get('slots')?.values ?? []
  return typeof slots === 'number' && others.length === 0 ? slots : undefined
}

function hasSlotForAll({ value, slots }: Level): boolean {
  return slots !== undefined && value <= slots
}

function waitingLevel({ value, slots }: Level): WaitingLevel {
  return { level: value, ...(slots === undefined ? {} : { slots }) }
}

function waits({ analysis: { figures } }: Level): boolean {
  const [wait, latency] = [figures.get('wait')?.value, figures.get('latencyMean')?.value]
  return wait !== undefined && latency !== undefined && wait >= waitShare * latency
}

/** How much longer requests take at the highest level than at the lowest, and the part that rises most. */
function latencyRiseOver(levels: readonly Level[], change: ChangeOf): LatencyRise | undefined {
  const [from, to] = [levels[0], levels.at(-1)]
  if (from === undefined || to === undefined || from === to) return undefined
  const latency = change('latencyMean', from, to)
  if (latency === undefined || latency.low <= 0) return undefined
  const rises = latencyPartIds.map((id) => {
    const [before, after] = [from, to].map(({ analysis }) => analysis.figures.get(id)?.value)
    return { id, ms: (after ?? NaN) - (before ?? NaN) }
  })
  const ms = sum(rises.map((each) => each.ms))
  const [most] = rises.toSorted((one, other) => other.ms - one.ms)
  if (most === undefined || !(ms > 0)) return undefined
  const part: LatencyPartId = most.id
  return { from: from.value, to: to.value, ms, part, share: (most.ms / ms) * 100 }
}
