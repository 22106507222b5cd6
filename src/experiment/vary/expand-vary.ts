/**
 * Expands `vary` and `tune` into configs. Input: a draft. Output: the draft with a config for each cell of the grid,
 * the grid, and its problems. A grid with a problem is not expanded. The cells of `vary` replace its base; those of
 * `tune` race against it, and the cell that is the base has its key.
 */
import { quoted } from '../../errors/quote.ts'
import type { Draft } from '../draft.ts'
import type { Grid } from '../grid.ts'
import { eachOnce, type Problem } from '../problem.ts'
import { inherit } from '../resolve/resolve-config.ts'
import { schemaProblems } from '../schema/schema-problems.ts'
import { type WrittenConfig, writtenConfig } from '../schema/written-experiment.ts'
import type { WrittenVary } from '../schema/written-vary.ts'
import { cellSource, type WrittenCell } from './cell-source.ts'
import {
  baseProblems,
  factorProblems,
  everythingExcluded,
  sizeProblem,
  type WrittenSpace,
} from './grid-problems.ts'
import { withLevel, writtenFactors, type WrittenFactor } from './factors.ts'

export interface Expanded {
  readonly draft: Draft
  readonly problems: readonly Problem[]
  /** True if the grid is too large. Then nothing else of the file is checked. */
  readonly isTooLarge?: boolean
}

/** Grids with more combinations than this, excluded ones included, are not expanded. */
const maxCombinations = 10_000

export function expandVary(draft: Draft): Expanded {
  const { vary, tune } = draft.top
  if (tune !== undefined && vary === undefined)
    return expand(draft, {
      key: 'tune',
      at: ['tune', 'space'],
      base: tune.base,
      levels: tune.space,
    })
  if (vary === undefined) return { draft, problems: [] }
  return expand(draft, { key: 'vary', at: ['vary'], base: vary.base, levels: vary })
}

function expand(draft: Draft, space: WrittenSpace): Expanded {
  const { levels } = space
  const factors = writtenFactors(levels, space.at)
  const problems = [...baseProblems(draft, space), ...factorProblems(draft, factors, space)]
  const base = space.base ?? draft.configKeys[0]
  const merged = base === undefined ? undefined : inherit(draft.configs, base)
  if (problems.length > 0 || base === undefined || merged === undefined) return { draft, problems }
  const combinations = factors.reduce((product, { levels }) => product * levels.length, 1)
  const cells = combinations > maxCombinations ? undefined : cellsOf(factors, levels)
  const tooLarge = sizeProblem(draft, cells, combinations, merged, space)
  if (tooLarge !== undefined) return { draft, problems: [tooLarge], isTooLarge: true }
  return cells === undefined || cells.length === 0
    ? { draft, problems: [everythingExcluded(draft, space)] }
    : withCells(draft, { space, base, merged }, cells, factors)
}

interface Base {
  readonly space: WrittenSpace
  readonly base: string
  readonly merged: WrittenConfig
}

function withCells(
  draft: Draft,
  { space, base, merged }: Base,
  all: readonly WrittenCell[],
  factors: readonly WrittenFactor[],
): Expanded {
  const isRace = space.key === 'tune'
  const own = {
    env: merged.env,
    options: { ...draft.top.workload?.options, ...merged.options },
  }
  const cells = isRace ? all.map((cell) => withKeyOfBase(cell, base, own)) : all
  const source = cellSource(
    draft.source,
    base,
    cells.filter(({ key }) => key !== base),
    space.at,
  )
  const written = new Map<string, WrittenConfig>()
  const problems: Problem[] = []
  for (const cell of cells) {
    if (cell.key === base) continue
    const config = cellConfig(draft, merged, cell)
    if ('code' in config) problems.push(config)
    else {
      problems.push(...schemaProblems(source, ['configs', cell.key], writtenConfig, config))
      written.set(cell.key, config)
    }
  }
  if (problems.length > 0) return { draft, problems: eachOnce(problems) }
  const place = <Entry>(
    entries: readonly (readonly [string, Entry])[],
    all: readonly (readonly [string, Entry])[],
  ) => entries.flatMap((entry) => (entry[0] !== base ? [entry] : isRace ? [entry, ...all] : all))
  const keys = draft.configKeys.flatMap((key) =>
    key !== base ? [key] : isRace ? [key, ...written.keys()] : [...written.keys()],
  )
  const grid = gridOf(base, factors, cells)
  return {
    draft: {
      ...draft,
      source,
      configKeys: keys,
      configs: new Map(place([...draft.configs], [...written])),
      grid,
    },
    problems: [],
  }
}

/** Returns the cell with the key of the base if it has the same settings as the base, else unchanged. */
function withKeyOfBase(
  cell: WrittenCell,
  base: string,
  { env, options }: Pick<WrittenConfig, 'env' | 'options'>,
): WrittenCell {
  const isBase = variedOf(cell.levels).every(([{ section, name }, { text }]) => {
    const own = section === 'env' ? env?.[name] : options?.[name]
    return own !== undefined && (Array.isArray(own) ? own.join(' ') : String(own)) === text
  })
  return isBase ? { ...cell, key: base } : cell
}

/** The cells in the order of the file: the levels of the last factor change fastest. */
function cellsOf(
  factors: readonly WrittenFactor[],
  { exclude = [] }: WrittenVary,
): readonly WrittenCell[] {
  const choices = factors.map((factor) => factor.levels.map((level) => [factor, level] as const))
  // Factors with one level are added at the end: there may be hundreds of them.
  const varied = choices.filter(({ length }) => length > 1)
  const all = varied.reduce<readonly WrittenCell['levels'][]>(
    (sets, levels) => sets.flatMap((set) => levels.map((level) => [...set, level])),
    [[]],
  )
  const combinations = exclude.map((combination) =>
    Object.entries(combination)
      .map(([name, value]) => ({ name, text: String(value) }))
      .filter(({ name }) => varied.some(([first]) => first?.[0].name === name)),
  )
  const isExcluded = (levels: WrittenCell['levels']) =>
    combinations.some((combination) =>
      combination.every(({ name, text }) =>
        levels.some(([factor, level]) => factor.name === name && level.text === text),
      ),
    )
  const complete = (levels: WrittenCell['levels']): WrittenCell['levels'] => {
    const own = new Map(levels.map((level) => [level[0], level]))
    return choices.flatMap(([first]) => (first === undefined ? [] : [own.get(first[0]) ?? first]))
  }
  return withUniqueKeys(all.filter((levels) => !isExcluded(levels)).map(complete))
}

const maxKeyLength = 56

/** `num-parallel-4-users-8`: a key names only what differs. */
function withUniqueKeys(all: readonly WrittenCell['levels'][]): readonly WrittenCell[] {
  const used = new Set<string>()
  const next = new Map<string, number>()
  return all.map((levels) => {
    const parts = variedOf(levels).flatMap(([{ name }, { text }]) =>
      name === 'model' ? [text] : [name.replace(/^OLLAMA_/, ''), text],
    )
    const base = parts
      .join('-')
      .toLowerCase()
      .replace(/[^a-z0-9]+/g, '-')
      .slice(0, maxKeyLength)
      .replace(/^-+|-+$/g, '')
    let key = base
    let number = next.get(base) ?? 2
    for (; used.has(key); number += 1) key = `${base}-${String(number)}`
    next.set(base, number)
    used.add(key)
    return { key, levels }
  })
}

function variedOf(levels: WrittenCell['levels']): WrittenCell['levels'] {
  return levels.filter(([factor]) => factor.levels.length > 1)
}

/** The config of a cell, or the problem that its target has no such setting. */
function cellConfig(
  { source }: Draft,
  merged: WrittenConfig,
  { levels }: WrittenCell,
): WrittenConfig | Problem {
  const { from: _, ...base } = merged
  const label = variedOf(levels)
    .map(([{ name }, { text }]) => (name === 'model' ? text : `${name}=${text}`))
    .join(', ')
  let config: WrittenConfig = { ...base, label }
  for (const [factor, level] of levels) {
    const next = withLevel(config, factor, level)
    if (next === undefined)
      return source.problem(
        factor.path,
        {
          code: 'wrong-value',
          message: `the target of the base has no ${quoted(factor.name)}`,
          hint:
            factor.name === 'version'
              ? 'vary `version` with `target: process`; for a container, vary `image`'
              : `vary ${quoted(factor.name)} with \`target: {docker: …}\``,
        },
        'key',
      )
    config = next
  }
  return config
}

function gridOf(
  base: string,
  factors: readonly WrittenFactor[],
  cells: readonly WrittenCell[],
): Grid {
  const varied = factors.filter(({ levels }) => levels.length > 1)
  return {
    base,
    factors: varied.map(({ name, section, levels }) => ({
      name,
      section,
      levels: levels.map(({ text }) => text),
    })),
    cells: cells.map(({ key, levels }) => ({
      config: key,
      levels: variedOf(levels).map(([factor, level]) => factor.levels.indexOf(level)),
    })),
  }
}
