/**
 * The configs whose difference a report explains because of the experiment's design: in a grid for each factor, in a
 * race one.
 */
import type { CellPair, Grid } from '../experiment/grid.ts'
import { cellsByFactor } from './grid/combinations.ts'
import type { TuningAnalysis } from './race/tuning.ts'

/** @param tuning a race: its default and the config that leads */
export function designPairs(
  grid: Grid | undefined,
  tuning: TuningAnalysis | undefined,
): readonly CellPair[] {
  const base = tuning?.tuning.grid.base
  const leader = tuning?.leader
  const isChange = base !== undefined && leader !== undefined && leader !== base
  return [
    ...(grid === undefined ? [] : cellsByFactor(grid)),
    ...(isChange ? [{ from: base, to: leader }] : []),
  ]
}
