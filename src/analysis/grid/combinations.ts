/**
 * Selects the cells of a grid that are compared: for the levels of a factor, the cells in those combinations of the
 * other factors that all levels share.
 */
import type { CellPair, Grid, GridCell } from '../../experiment/grid.ts'

/**
 * The cells of each level of a factor, in the same order of combinations. A combination counts if all levels have a
 * usable cell in it. The lists are empty if no combination counts.
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

/**
 * The cells with a low or a high level of each of two factors, in four lists. `lowHigh`: the first factor low, the
 * second high.
 */
export interface Corners {
  readonly lowLow: readonly string[]
  readonly lowHigh: readonly string[]
  readonly highLow: readonly string[]
  readonly highHigh: readonly string[]
}

/**
 * The corners of two factors, over the combinations that have all four. The first level of a factor is its low level.
 */
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

/**
 * For each factor, two cells that differ only in this factor, in its first and its last level. If several combinations
 * of the other factors have both cells, the last combination is used. The choice does not depend on figures, so it does
 * not favour large differences.
 */
export function cellsByFactor({ factors, cells }: Grid): readonly CellPair[] {
  return factors.flatMap(({ levels }, at): readonly CellPair[] => {
    const others = (cell: GridCell) => cell.levels.toSpliced(at, 1).join(' ')
    const pairs = cells.flatMap((cell): readonly CellPair[] => {
      const first = cells.find((one) => one.levels[at] === 0 && others(one) === others(cell))
      const isLast = cell.levels[at] === levels.length - 1
      return first === undefined || !isLast ? [] : [{ from: first.config, to: cell.config }]
    })
    return pairs.slice(-1)
  })
}
