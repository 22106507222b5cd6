/**
 * The pairs of configs whose difference a report explains because of the experiment's design: in a grid, a pair for
 * each factor; in a race, the default and the leader; for levels of a load, the lowest and the highest.
 */
import type { Experiment } from '../experiment/experiment.ts'
import type { CellPair } from '../experiment/grid.ts'
import type { LoadSeries } from '../experiment/levels/load-series.ts'
import { cellsByFactor } from './grid/combinations.ts'
import type { TuningAnalysis } from './race/tuning.ts'

type Design = Pick<Experiment, 'grid' | 'series' | 'configs' | 'baseline'>

/** @param tuning a race: its default and the config that leads */
export function designPairs(
  { grid, ...experiment }: Design,
  tuning: TuningAnalysis | undefined,
): readonly CellPair[] {
  const base = tuning?.tuning.grid.base
  const leader = tuning?.leader
  const isChange = base !== undefined && leader !== undefined && leader !== base
  return [
    ...(grid === undefined ? [] : cellsByFactor(grid)),
    ...(isChange ? [{ from: base, to: leader }] : []),
    ...levelPairs(experiment),
  ]
}

/**
 * The lowest and the highest level of each load. None if the file compares configs, because then their differences are
 * explained.
 */
function levelPairs({ series = [], configs, baseline }: Omit<Design, 'grid'>): readonly CellPair[] {
  if (baseline !== undefined || configs.some(({ from }) => from !== undefined)) return []
  return series.flatMap(({ levels }): readonly CellPair[] => {
    const [lowest, highest] = [levels[0], levels.at(-1)]
    return lowest === undefined || highest === undefined || lowest === highest
      ? []
      : [{ from: lowest.config, to: highest.config }]
  })
}

/** True if both are levels of one load, so that only the load differs. */
export function areLevelsOfOneLoad(
  series: readonly LoadSeries[],
  one: string,
  other: string,
): boolean {
  return series.some(({ levels }) =>
    [one, other].every((key) => levels.some(({ config }) => config === key)),
  )
}
