/**
 * Finds the cell of a grid with the best figure, and the cells that do not clearly differ from it. The truly best cell
 * is one of these in 95 % of runs: each comparison has its share of the 5 % (Bonferroni; the idea is Hsu's comparison
 * with the best, Ann. Stat. 9, 1981).
 */
import type { Grid } from '../../experiment/grid.ts'
import type { Metric } from '../../metrics/catalog.ts'
import type { ConfigAnalysis } from '../analysis.ts'
import { changeInterval, isPaired, sidesOf } from '../change.ts'
import { obstaclesBetween } from '../comparability.ts'
import type { CellRank, CellRanking } from './grid-effects.ts'

export function bestCells(
  metric: Metric,
  { cells }: Grid,
  configs: ReadonlyMap<string, ConfigAnalysis>,
): CellRanking {
  const all = cells.flatMap(({ config }) => configs.get(config) ?? [])
  const valueOf = (cell: ConfigAnalysis) => cell.figures.get(metric.id)?.value
  const sign = metric.direction === 'higher' ? -1 : 1
  const [best, ...others] = all
    .flatMap((cell) => {
      const value = valueOf(cell)
      return value === undefined ? [] : [{ cell, value: value * sign }]
    })
    .toSorted((one, other) => one.value - other.value)
    .map(({ cell }) => cell)
  const unjudged = all.map(({ config }) => [config.key, 'unjudged'] as const)
  if (best === undefined || others.length === 0 || metric.direction === 'neither')
    return { metric, ranks: new Map(unjudged) }
  const confidence = 1 - 0.05 / others.length
  const ranks = others.map(
    (cell) => [cell.config.key, rankOf(metric, best, cell, confidence)] as const,
  )
  const isTested = ranks.some(([, rank]) => rank !== 'unjudged')
  return {
    metric,
    ranks: new Map([
      ...unjudged,
      ...ranks,
      ...(isTested ? [[best.config.key, 'best'] as const] : []),
    ]),
  }
}

function rankOf(
  metric: Metric,
  best: ConfigAnalysis,
  cell: ConfigAnalysis,
  confidence: number,
): CellRank {
  const sides = isPaired(best, cell) ? sidesOf(metric.id, best, cell) : undefined
  const interval = sides && changeInterval(sides, confidence)
  if (interval === undefined || obstaclesBetween(best, cell)(metric) !== undefined)
    return 'unjudged'
  const isWorse = metric.direction === 'higher' ? interval.high < 0 : interval.low > 0
  return isWorse ? 'behind' : 'tied'
}
