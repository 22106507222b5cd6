/** The longest course of a run with a search for capacities, for the estimate of its duration. */
import type { Experiment, MeasuredConfig } from '../experiment/experiment.ts'
import { longestSearch, type CapacitySearch } from '../experiment/levels/capacity-search.ts'

export interface LongestSearches {
  /** Levels that are not probed, because the first level of their series is. */
  readonly unprobed: ReadonlySet<string>
  /** The other levels of the series of which this config is the first level; empty for any other config. */
  readonly levelsOf: (key: string) => readonly MeasuredConfig[]
  /** The configs of the trials, each as often as it is measured, from those of a plan with all levels in all rounds. */
  readonly trials: (planned: readonly string[]) => readonly string[]
}

export function longestSearches(
  { series = [], configs }: Experiment,
  search: CapacitySearch,
  rounds: number,
): LongestSearches {
  const levels = new Set(series.flatMap((each) => each.levels.map(({ config }) => config)))
  const firsts = new Set(series.map((each) => each.levels[0]?.config))
  const measured = configs.filter((config) => config.kind === 'measured')
  const { windows, confirm } = longestSearch(search)
  return {
    unprobed: new Set([...levels].filter((key) => !firsts.has(key))),
    levelsOf: (key) => {
      const own = series.find((each) => each.levels[0]?.config === key)?.levels ?? []
      return own.flatMap(({ config }) => measured.filter(({ key: each }) => each === config))
    },
    trials: (planned) => [
      ...planned.filter((key) => !levels.has(key)),
      ...series
        .filter((each) => each.levels.some(({ config }) => planned.includes(config)))
        .flatMap((each) => {
          const keyOf = (level: number) =>
            each.levels.find(({ value }) => value === level)?.config ?? ''
          const inRounds = Array.from({ length: rounds }, () => confirm).flat()
          return [...windows, ...inRounds].map(keyOf)
        }),
    ],
  }
}
