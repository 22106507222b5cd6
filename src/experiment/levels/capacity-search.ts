/**
 * The search for the highest level of a load at which a config meets the objectives. It doubles the level until the
 * objectives are missed, and bisects between the last two. Each level is judged by one window, or by the majority of
 * three if a figure is close to an objective. No figure uses these windows: they only choose the levels that the rounds
 * measure. Pure.
 */
import type { LoadSeries } from './load-series.ts'

export interface CapacitySearch {
  readonly of: LoadSeries['of']
  /** The first level. */
  readonly from: number
  /** The highest level. */
  readonly upTo: number
}

/** The result of a window of the search. */
export interface SearchWindow {
  readonly level: number
  /** True if no figure misses its objective. */
  readonly met: boolean
  /** True if a figure is close to its objective, so that another window may show something else. */
  readonly isClose: boolean
}

export type SearchStep =
  | { readonly measure: number }
  /** The search is over. The rounds measure these levels, in ascending order. */
  | { readonly confirm: readonly number[] }

/**
 * The number of levels per doubling. A level is at most 25 % above the one before, unless it is a number of users,
 * which must be whole.
 */
const stepsPerDoubling = 4
const windowsIfClose = 3

/** All levels that the search may measure, in ascending order. */
export function searchLevels(search: CapacitySearch): readonly number[] {
  const levels = doublings(search).flatMap((level) =>
    Array.from({ length: stepsPerDoubling }, (_, step) => level * (1 + step / stepsPerDoubling)),
  )
  const whole = search.of === 'users' ? levels.map(Math.round) : levels
  const within = whole.filter((level) => level < search.upTo)
  return [...new Set([...within, search.upTo])].toSorted((one, other) => one - other)
}

/** @param windows of all levels, in the order in which they were measured */
export function searchStep(search: CapacitySearch, windows: readonly SearchWindow[]): SearchStep {
  const levels = searchLevels(search)
  let [low, high] = [-1, levels.length]
  for (const level of doublings(search)) {
    const met = isMet(level, windows)
    if (met === undefined) return { measure: level }
    if (met) low = levels.indexOf(level)
    else {
      high = levels.indexOf(level)
      break
    }
  }
  while (high - low > 1 && low >= 0) {
    const middle = Math.floor((low + high) / 2)
    const level = levels[middle] ?? search.upTo
    const met = isMet(level, windows)
    if (met === undefined) return { measure: level }
    if (met) low = middle
    else high = middle
  }
  return { confirm: levels.slice(Math.max(0, low - 1), low + 2) }
}

/**
 * The longest course of a search: the levels of its windows, and those of the rounds after it. An upper bound for the
 * time of a run.
 */
export function longestSearch(search: CapacitySearch): {
  readonly windows: readonly number[]
  readonly confirm: readonly number[]
} {
  const levels = searchLevels(search)
  const halvings = levels.slice(-1 - Math.ceil(Math.log2(stepsPerDoubling)), -1)
  const tried = [...doublings(search), ...halvings]
  return {
    windows: tried.flatMap((level) => Array.from({ length: windowsIfClose }, () => level)),
    confirm: levels.slice(-3),
  }
}

/** The first level, its doublings, and the highest level. */
function doublings({ from, upTo }: CapacitySearch): readonly number[] {
  const levels: number[] = []
  for (let level = from; level < upTo; level *= 2) levels.push(level)
  return [...levels, upTo]
}

/** Whether the level meets the objectives; undefined if only another window can decide that. */
function isMet(level: number, windows: readonly SearchWindow[]): boolean | undefined {
  const own = windows.filter((each) => each.level === level)
  const met = own.filter((each) => each.met).length
  const [first] = own
  if (first === undefined) return undefined
  if (own.length === 1) return first.isClose ? undefined : first.met
  if (met * 2 === own.length && own.length < windowsIfClose) return undefined
  return met * 2 > own.length
}
