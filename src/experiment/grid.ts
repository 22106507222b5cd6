/** The grid of configs that `vary` or `tune` makes: its factors, their levels and its cells. */
import type { MetricId } from '../metrics/catalog.ts'

/** The configs that `vary` makes, and what they differ in. */
export interface Grid {
  /** Key of the config that the cells take their other settings from. Only `tune` measures it. */
  readonly base: string
  /** The factors with at least two levels, in the file's order. */
  readonly factors: readonly Factor[]
  /** In the file's order. */
  readonly cells: readonly GridCell[]
}

export interface Factor {
  /** `OLLAMA_NUM_PARALLEL`, `num_ctx`, `users`, `model`, `version`; unique. */
  readonly name: string
  readonly section: 'env' | 'options' | 'load' | 'model' | 'target'
  /** As reports show them; unique. */
  readonly levels: readonly string[]
}

export interface GridCell {
  /** Key of the cell's config. */
  readonly config: string
  /** For each factor, the index of the cell's level. */
  readonly levels: readonly number[]
}

/** A race between the cells of a grid and its base, which is one of them or races beside them. */
export interface Tuning {
  readonly grid: Grid
  /** Id of a metric of which more is better. */
  readonly maximize: MetricId
  /** In percent: a config that is worse than the best by less than this counts as equally good. */
  readonly ignoreBelow: number
  readonly budgetMs: number
}

/** Two levels of a factor of the grid, which a claim compares, by their texts. */
export interface FactorContrast {
  readonly name: string
  readonly from: string
  readonly to: string
}

/** The keys of two cells. */
export interface CellPair {
  readonly from: string
  readonly to: string
}

/** The first two cells that differ only in these levels of the factor; undefined if there are none. */
export function cellPairOf(
  { factors, cells }: Grid,
  { name, from, to }: FactorContrast,
): CellPair | undefined {
  const at = factors.findIndex((factor) => factor.name === name)
  const levels = factors[at]?.levels ?? []
  const others = (cell: GridCell) => cell.levels.toSpliced(at, 1).join(' ')
  for (const cell of cells) {
    if (levels[cell.levels[at] ?? -1] !== to) continue
    const twin = cells.find(
      (other) => levels[other.levels[at] ?? -1] === from && others(other) === others(cell),
    )
    if (twin !== undefined) return { from: twin.config, to: cell.config }
  }
  return undefined
}
