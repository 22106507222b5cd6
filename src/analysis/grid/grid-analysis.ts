/**
 * Computes the effect of each factor of a grid. A factor's effect is a contrast in each round: the mean over the
 * combinations of the other factors that all its levels share, weighted equally, on the scale of the test. Its interval
 * is Student's over rounds, without the effect of the order (see `sidesOf`). The intervals of all contrasts of a factor
 * are simultaneous, and so are those of all interactions: by Bonferroni's inequality, which holds for any correlation
 * of the contrasts (Dunn, Multiple comparisons among means, J. Am. Stat. Assoc. 56, 1961).
 */
import type { Experiment } from '../../experiment/experiment.ts'
import type { Factor, Grid } from '../../experiment/grid.ts'
import { type Metric, metrics } from '../../metrics/catalog.ts'
import { isAtLeast } from '../../metrics/metric.ts'
import type { ConfigAnalysis, NoiseFloor } from '../analysis.ts'
import { changeDetectable, changeInterval, changeValue, sidesOf, type Sides } from '../change.ts'
import { obstaclesBetween } from '../comparability.ts'
import { markOf } from '../comparison.ts'
import { endedOf } from '../config-figures.ts'
import { isSampled } from '../figure-interval.ts'
import { defaultBand, floorOf } from '../noise-floor.ts'
import { inChangeUnit } from '../test-scale.ts'
import { bestCells } from './best-cells.ts'
import { cellsByLevel, cornersOf } from './combinations.ts'
import type {
  Contrast,
  FactorEffect,
  FactorLevels,
  FactorVerdict,
  GridAnalysis,
  Interaction,
} from './grid-effects.ts'
import { levelOf } from './level.ts'

export interface GridInput {
  readonly experiment: Pick<Experiment, 'hypotheses' | 'show' | 'until'>
  readonly grid: Grid
  readonly configs: ReadonlyMap<string, ConfigAnalysis>
  readonly floor?: NoiseFloor | undefined
}

export function analyseGrid(input: GridInput): GridAnalysis {
  const analysed = metricsToAnalyse(input)
  const { factors } = input.grid
  const { tested, interactions } = interactionsOf(input, analysed)
  return {
    metrics: analysed,
    effects: analysed.flatMap((metric) =>
      factors.map((factor, index) => effectOf(input, metric, { factor, index }, analysed.length)),
    ),
    interactions,
    tested,
    rankings: analysed.map((metric) => bestCells(metric, input.grid, input.configs)),
  }
}

const maxMetrics = 4

function metricsToAnalyse({ experiment: { hypotheses, show, until }, configs, grid }: GridInput) {
  const keys = new Set(grid.cells.map(({ config }) => config))
  const cell = [...configs.values()].find(({ config }) => keys.has(config.key))
  const claimed = hypotheses.flatMap(({ claim }) => (claim.factor ? [claim.metric] : []))
  const known = [...new Set([...claimed, ...show, ...(until === undefined ? [] : [until.metric])])]
    .flatMap((id) => cell?.figures.get(id)?.metric ?? [])
    .filter((metric) => metric.family !== 'score' && isSampled(metric))
    .filter(({ family }) => family !== 'appliedLoad')
  const defaultMetric = metrics.find(
    (metric) => isAtLeast(metric, 'answer') && metric.family === 'rate',
  )
  return known.length > 0
    ? known.slice(0, maxMetrics)
    : [defaultMetric ?? metrics[0]].flatMap((one) => one ?? [])
}

function isUsable(configs: GridInput['configs']): (key: string) => boolean {
  return (key) => endedOf(configs.get(key)?.trials ?? []).length > 0
}

/** The cells as one side of a comparison; undefined without cells. */
function sideOf(configs: GridInput['configs'], keys: readonly string[]) {
  const [first, ...others] = keys.flatMap((key) => configs.get(key) ?? [])
  return first && levelOf([first, ...others])
}

/**
 * The two sides of a claim about a factor: its cells with one level and those with the other, over the combinations
 * that both levels share. `undefined` if there are no such combinations.
 */
export function sidesOfFactor(
  grid: Grid,
  configs: GridInput['configs'],
  { name, from, to }: { readonly name: string; readonly from: string; readonly to: string },
) {
  const index = grid.factors.findIndex((factor) => factor.name === name)
  const factor = grid.factors[index]
  if (factor === undefined) return undefined
  const byLevel = cellsByLevel(grid, index, () => true)
  const side = (level: string) => sideOf(configs, byLevel[factor.levels.indexOf(level)] ?? [])
  const [before, after] = [side(from), side(to)]
  return before && after && { from: before, to: after }
}

interface IndexedFactor {
  readonly factor: Factor
  readonly index: number
}

function effectOf(
  input: GridInput,
  metric: Metric,
  { factor, index }: IndexedFactor,
  metricCount: number,
): FactorEffect {
  const { grid, configs } = input
  const cells = cellsByLevel(grid, index, isUsable(configs))
  const sides = cells.map((keys) => sideOf(configs, keys))
  const pairs = factor.levels.flatMap((_, low) =>
    factor.levels.slice(low + 1).map((_, distance) => [low, low + 1 + distance] as const),
  )
  const confidence = 1 - 0.05 / (pairs.length * metricCount)
  const [base] = sides
  const band = bandOf(input, metric, factor, base)
  const tested = pairs.map(([low, high]) =>
    contrastOf(input, metric, [factor.levels[low] ?? '', factor.levels[high] ?? ''], {
      ...{ from: sides[low], to: sides[high], confidence, band },
    }),
  )
  const contrasts = tested.map(({ contrast }) => contrast)
  const detectable = tested.flatMap((one) => one.detectable ?? [])
  const combinations = cells[0]?.length ?? 0
  const all = new Set(grid.cells.map(({ levels }) => levels.toSpliced(index, 1).join(' ')))
  return {
    metric,
    factor,
    levels: factor.levels.map((level, at) => {
      const figure = sides[at]?.figures.get(metric.id)
      return { level, ...(figure === undefined ? {} : { figure }) }
    }),
    contrasts,
    verdict: verdictOf(
      contrasts,
      tested.map((one) => one.differs),
    ),
    band,
    within: levelsWithin(grid, index, cells[0] ?? []),
    combinations,
    combinationsOfGrid: all.size,
    rounds: Math.min(...tested.map((one) => one.rounds)),
    ...(detectable.length < tested.length ? {} : { detectable: Math.max(...detectable) }),
  }
}

/** The other factors of which these cells have only some levels, with these levels. */
function levelsWithin(
  { factors, cells }: Grid,
  index: number,
  keys: readonly string[],
): readonly FactorLevels[] {
  const used = cells.filter(({ config }) => keys.includes(config))
  return factors.flatMap(({ name, levels }, at): readonly FactorLevels[] => {
    const own = levels.filter((_, level) => used.some((cell) => cell.levels[at] === level))
    const isPart = at !== index && own.length > 0 && own.length < levels.length
    return isPart ? [{ factor: name, levels: own }] : []
  })
}

function verdictOf(contrasts: readonly Contrast[], differ: readonly boolean[]): FactorVerdict {
  if (differ.includes(true)) return 'matters'
  return contrasts.every(({ mark }) => mark === 'same') ? 'same' : 'unknown'
}

/** The band of changes that the file calls "the same" for this factor; by default ±5 %. */
function bandOf(
  { experiment: { hypotheses } }: GridInput,
  metric: Metric,
  factor: Factor,
  base: ConfigAnalysis | undefined,
): number {
  const stated = hypotheses.find(
    ({ claim }) =>
      claim.kind === 'same' && claim.metric === metric.id && claim.factor?.name === factor.name,
  )
  if (stated?.claim.kind === 'same') return stated.claim.band
  return base === undefined ? defaultBand : inChangeUnit(defaultBand, metric, base)
}

interface ContrastSides {
  readonly from: ConfigAnalysis | undefined
  readonly to: ConfigAnalysis | undefined
  readonly confidence: number
  readonly band: number
}

function contrastOf(
  { floor }: GridInput,
  metric: Metric,
  [fromLevel, toLevel]: readonly [string, string],
  { from, to, confidence, band }: ContrastSides,
) {
  const names = { from: fromLevel, to: toLevel }
  const sides = pairedSides(metric, from, to)
  if (sides === undefined || from === undefined || to === undefined)
    return { contrast: { ...names, mark: 'unknown' as const }, differs: false, rounds: 0 }
  const obstacle = obstaclesBetween(from, to)(metric)
  const value = changeValue(sides)
  const interval = changeInterval(sides, confidence)
  const minChange = floorOf(metric, from, floor)
  const detectable = changeDetectable(sides, confidence)
  const excludesZero = interval !== undefined && (interval.low > 0 || interval.high < 0)
  const differs =
    obstacle === undefined && excludesZero && value !== undefined && Math.abs(value) > minChange
  const { direction } = metric
  const contrast: Contrast = {
    ...names,
    ...(value === undefined ? {} : { value }),
    ...(interval === undefined ? {} : { interval }),
    mark:
      obstacle !== undefined || interval === undefined
        ? 'unknown'
        : markOf({ value, interval, direction, floor: minChange, band }),
    ...(obstacle === undefined ? {} : { obstacle }),
  }
  return {
    contrast,
    differs,
    rounds: interval === undefined ? 0 : sides.differences.length,
    ...(detectable === undefined ? {} : { detectable: Math.max(detectable, minChange) }),
  }
}

/** The two sides of a metric in one run; undefined if cells come from different runs, whose rounds cannot be paired. */
function pairedSides(
  metric: Metric,
  from: ConfigAnalysis | undefined,
  to: ConfigAnalysis | undefined,
): Sides | undefined {
  const sides = from && to && sidesOf(metric.id, from, to)
  return sides?.paired === true ? sides : undefined
}

/** Interactions of two factors: each level of one against its first, and each level of the other against its first. */
function interactionsOf(input: GridInput, analysed: readonly Metric[]) {
  const { grid, configs } = input
  const usable = isUsable(configs)
  const corners = grid.factors.flatMap((factor, one) =>
    grid.factors.slice(one + 1).flatMap((by, distance) => {
      const other = one + 1 + distance
      return factor.levels.slice(1).flatMap((level, high) =>
        by.levels.slice(1).flatMap((byLevel, highOfOther) => {
          const cells = cornersOf(grid, [one, other], [high + 1, highOfOther + 1], usable)
          return cells.lowLow.length === 0 ? [] : [{ factor, level, by, byLevel, cells }]
        }),
      )
    }),
  )
  const confidence = 1 - 0.05 / Math.max(1, corners.length * analysed.length)
  const interactions = analysed.flatMap((metric) =>
    corners.flatMap(({ cells, ...names }): readonly Interaction[] => {
      const from = sideOf(configs, [...cells.lowHigh, ...cells.highLow])
      const to = sideOf(configs, [...cells.lowLow, ...cells.highHigh])
      const sides = pairedSides(metric, from, to)
      const estimate = sides?.interval(confidence)
      if (estimate === undefined || from === undefined || to === undefined) return []
      if (obstaclesBetween(from, to)(metric) !== undefined) return []
      // Either side is a mean of two corners, so that their difference is half the interaction.
      const shown = (half: number) =>
        metric.change === 'ratio' ? Math.expm1(2 * half) * 100 : 2 * half
      const interval = { low: shown(estimate.low), high: shown(estimate.high), confidence }
      const value = shown(estimate.estimate)
      const isBeyondNoise =
        (interval.low > 0 || interval.high < 0) &&
        Math.abs(value) > floorOf(metric, from, input.floor)
      return isBeyondNoise ? [{ metric, ...names, value, interval }] : []
    }),
  )
  return { tested: corners.length, interactions }
}
