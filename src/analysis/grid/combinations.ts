/** Which cells of a grid a contrast rests on: those of the combinations of the other factors that all its levels share. */
import type { Grid, GridCell } from '../../experiment/grid.ts'

/**
 * The cells of each level of a factor, in the same order of combinations. A combination counts if all levels have a usable
 * cell in it. Empty lists if there is none.
 * @param isUsable false for a cell without results
 */
export function cellsByLevel(
  { factors, cells }: Grid,
  factor: number,
  isUsable: (config: string) => boolean,
): readonly (readonly string[])[] {
  const levels = factors[factor]?.levels ?? []
  const byCombination = groupCells(cells, [factor], isUsable)
  const shared = [...byCombination.values()].filter((group) => group.length === levels.length)
  return levels.map((_, level) =>
    shared.flatMap((group) => keysWith(group, (cell) => cell.levels[factor] === level)),
  )
}

/** The cells of the four corners of two levels of either factor: low and low, low and high, high and low, high and high. */
export interface Corners {
  readonly lowLow: readonly string[]
  readonly lowHigh: readonly string[]
  readonly highLow: readonly string[]
  readonly highHigh: readonly string[]
}

/** The corners of the first level and another one of two factors, over the combinations that have all four. */
export function cornersOf(
  { cells }: Grid,
  [one, other]: readonly [number, number],
  [highOfOne, highOfOther]: readonly [number, number],
  isUsable: (config: string) => boolean,
): Corners {
  const relevant = cells.filter(
    ({ levels }) =>
      [0, highOfOne].includes(levels[one] ?? -1) && [0, highOfOther].includes(levels[other] ?? -1),
  )
  const shared = [...groupCells(relevant, [one, other], isUsable).values()].filter(
    (group) => group.length === 4,
  )
  const corner = (first: number, second: number) =>
    shared.flatMap((group) =>
      keysWith(group, ({ levels }) => levels[one] === first && levels[other] === second),
    )
  return {
    lowLow: corner(0, 0),
    lowHigh: corner(0, highOfOther),
    highLow: corner(highOfOne, 0),
    highHigh: corner(highOfOne, highOfOther),
  }
}

function groupCells(
  cells: readonly GridCell[],
  without: readonly number[],
  isUsable: (config: string) => boolean,
): ReadonlyMap<string, readonly GridCell[]> {
  const groups = new Map<string, GridCell[]>()
  for (const cell of cells) {
    if (!isUsable(cell.config)) continue
    const combination = cell.levels.filter((_, index) => !without.includes(index)).join(' ')
    groups.set(combination, [...(groups.get(combination) ?? []), cell])
  }
  return groups
}

function keysWith(
  group: readonly GridCell[],
  matches: (cell: GridCell) => boolean,
): readonly string[] {
  return group.filter(matches).map(({ config }) => config)
}
