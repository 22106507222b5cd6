/** Writes a race as `tune`: turns its grid into a space of settings again. */
import type { Config } from './experiment.ts'
import type { Factor, Grid, Tuning } from './grid.ts'
import { formatDuration, plainNumber } from './values/amount.ts'
import { defined, differing, unlessEmpty } from './written-keys.ts'

type Settings = Pick<Config, 'key' | 'env' | 'options'>

/** @param configs the base, and the config of each cell */
export function writeTuning(
  { grid, maximize, budgetMs, ignoreBelow }: Tuning,
  configs: readonly Settings[],
): object {
  const ofSection = (section: 'env' | 'options') => ({
    ...commonSettings(section, grid, configs),
    ...Object.fromEntries(
      grid.factors.flatMap((factor, index) =>
        factor.section === section ? [[factor.name, levelsOf(factor, index, grid, configs)]] : [],
      ),
    ),
  })
  return {
    base: grid.base,
    space: defined({
      env: unlessEmpty(ofSection('env')),
      options: unlessEmpty(ofSection('options')),
      exclude: unlessEmpty(excluded(grid)),
    }),
    maximize,
    budget: formatDuration(budgetMs),
    ignoreBelow: `${plainNumber(ignoreBelow)}%`,
  }
}

/** The values of the levels, as the configs have them. For a level that no cell has, its text. */
function levelsOf(
  { name, section, levels }: Factor,
  index: number,
  { cells }: Grid,
  configs: readonly Settings[],
): readonly unknown[] {
  return levels.map((text, level) => {
    const cell = cells.find((each) => each.levels[index] === level)
    const config = configs.find(({ key }) => key === cell?.config)
    return (section === 'env' ? config?.env[name] : config?.options[name]) ?? text
  })
}

/** The settings that all cells have and the base lacks. The space has one value for each. */
function commonSettings(
  section: 'env' | 'options',
  { base, factors, cells }: Grid,
  configs: readonly Settings[],
): Readonly<Record<string, unknown>> {
  const cell = cells.find(({ config }) => config !== base)
  const [own, ofBase] = [cell?.config, base].map((key) =>
    configs.find((config) => config.key === key),
  )
  return Object.fromEntries(
    Object.entries(differing(own?.[section] ?? {}, ofBase?.[section] ?? {})).filter(
      ([name]) => !factors.some((factor) => factor.name === name),
    ),
  )
}

/** The combinations of levels that no cell has. */
function excluded({ factors, cells }: Grid): readonly object[] {
  const combinations = factors.reduce<readonly (readonly number[])[]>(
    (sets, { levels }) => sets.flatMap((set) => levels.map((_, level) => [...set, level])),
    [[]],
  )
  const known = new Set(cells.map(({ levels }) => levels.join(' ')))
  return combinations
    .filter((levels) => !known.has(levels.join(' ')))
    .map((levels) =>
      Object.fromEntries(
        factors.map(({ name, levels: texts }, at) => [name, texts[levels[at] ?? 0]]),
      ),
    )
}
