/**
 * Computes the effect of each setting of a race, from the rounds in which all configs ran. An effect is the mean
 * difference between two levels over the combinations of the other settings that both have. Its variance is the
 * residual of the additive model of these rounds: every trial starts its own server, so that trials of one round are
 * independent. The intervals of all contrasts are simultaneous (Bonferroni).
 */
import type { Grid, Factor } from '../../experiment/grid.ts'
import { residualOf } from '../../stats/additive-fit.ts'
import { studentQuantile } from '../../stats/distributions.ts'
import { cellsByLevel } from '../grid/combinations.ts'
import type { RaceTrial } from './race-rules.ts'

export interface RaceFactors {
  /** The number of rounds in which all configs ran that never failed. */
  readonly rounds: number
  readonly contrasts: readonly RaceContrast[]
}

export interface RaceContrast {
  readonly factor: Factor
  readonly from: string
  readonly to: string
  /** Percent. */
  readonly value: number
  /** Percent, simultaneous. */
  readonly low: number
  readonly high: number
  /** The number of combinations of the other settings behind it. */
  readonly combinations: number
  /** `same`: the interval lies within the band. */
  readonly verdict: 'matters' | 'same' | 'unknown'
}

/** Undefined if fewer than two rounds are shared, or no two levels share a combination. */
export function raceFactors(
  grid: Grid,
  trials: readonly RaceTrial[],
  bandPercent: number,
): RaceFactors | undefined {
  const failed = new Set(
    trials.flatMap(({ config, value }) => (value === undefined ? [config] : [])),
  )
  const ran = trials.filter(({ config }) => !failed.has(config))
  const configs = [...new Set(ran.map(({ config }) => config))]
  const rounds = [...new Set(ran.map(({ round }) => round))].filter((round) =>
    configs.every((config) => ran.some((each) => each.config === config && each.round === round)),
  )
  if (rounds.length < 2) return undefined
  const shared = ran.filter(({ round }) => rounds.includes(round))
  const residual = residualOf(
    shared.map(({ config, round, value = NaN }) => ({ treatment: config, block: round, value })),
  )
  const pairs = grid.factors.flatMap((factor, index) => {
    const gridOfRan = withLevelsOf(configs, grid, index)
    const levels = gridOfRan.factors[index]?.levels ?? []
    const byLevel = cellsByLevel(gridOfRan, index, (config) => configs.includes(config))
    return levels.flatMap((from, low) =>
      levels.slice(low + 1).map((to, distance) => ({
        ...{ factor, from, to },
        cells: [byLevel[low] ?? [], byLevel[low + 1 + distance] ?? []] as const,
      })),
    )
  })
  const usable = pairs.filter(({ cells: [low] }) => low.length > 0)
  if (usable.length === 0 || residual.degrees === 0) return undefined
  const quantile = studentQuantile(1 - 0.05 / usable.length / 2, residual.degrees)
  const meanOf = (cells: readonly string[]) => {
    const values = shared.flatMap(({ config, value = NaN }) =>
      cells.includes(config) ? [value] : [],
    )
    return values.reduce((sum, value) => sum + value, 0) / values.length
  }
  return {
    rounds: rounds.length,
    contrasts: usable.map(({ factor, from, to, cells: [low, high] }) => {
      const difference = meanOf(high) - meanOf(low)
      const half = quantile * Math.sqrt((2 * residual.variance) / (low.length * rounds.length))
      const [value, lower, upper] = [difference, difference - half, difference + half].map(
        (each) => Math.expm1(each) * 100,
      ) as [number, number, number]
      return {
        ...{ factor, from, to, value, low: lower, high: upper, combinations: low.length },
        verdict: verdictOf(lower, upper, bandPercent),
      }
    }),
  }
}

/**
 * The grid without the levels of the factor that no config ran with, for example because servers do not start with
 * them.
 */
function withLevelsOf(configs: readonly string[], grid: Grid, index: number): Grid {
  const { factors, cells } = grid
  const ran = new Set(
    cells.flatMap(({ config, levels }) => (configs.includes(config) ? [levels[index]] : [])),
  )
  const kept = [...ran].filter((level) => level !== undefined).toSorted((a, b) => a - b)
  return {
    ...grid,
    factors: factors.map((factor, at) =>
      at === index
        ? { ...factor, levels: factor.levels.filter((_, level) => kept.includes(level)) }
        : factor,
    ),
    cells: cells
      .filter(({ levels }) => ran.has(levels[index]))
      .map((cell) => ({
        ...cell,
        levels: cell.levels.map((level, at) => (at === index ? kept.indexOf(level) : level)),
      })),
  }
}

function verdictOf(low: number, high: number, band: number): RaceContrast['verdict'] {
  if (low >= -band && high <= band) return 'same'
  return low > 0 || high < 0 ? 'matters' : 'unknown'
}
