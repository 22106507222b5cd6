/** Reads and checks the levels that a file lists for its loads, or that a search may measure. */
import { beyond, limits } from '../../errors/limits.ts'
import { quoted } from '../../errors/quote.ts'
import { asRecord } from '../draft.ts'
import type { Problem } from '../problem.ts'
import type { Path, Source } from '../source/source.ts'
import { plainNumber } from '../values/amount.ts'
import { searchLevels, type CapacitySearch } from './capacity-search.ts'
import type { LoadSeries } from './load-series.ts'

export type LevelKey = LoadSeries['of']

/** A list of levels, and its path in the file. */
export interface WrittenLevels {
  readonly of: LevelKey
  readonly values: readonly unknown[]
  readonly path: Path
  /** True if a search makes the levels, so that the file has no list of them. */
  readonly isSearched?: true
}

/** All levels that a search may measure. */
export function searchedLevels(search: CapacitySearch): WrittenLevels {
  const { of } = search
  const values = searchLevels(search).map((level) =>
    of === 'users' ? level : `${plainNumber(level)}/s`,
  )
  return { of, values, path: ['capacity', 'upTo'], isSearched: true }
}

/** The levels of a load; undefined if it has none. */
export function levelsIn(load: unknown, path: Path): WrittenLevels | undefined {
  const parts = asRecord(load)
  const of = (['users', 'rate'] as const).find((key) => Array.isArray(parts[key]))
  if (of === undefined) return undefined
  const values: readonly unknown[] = Array.isArray(parts[of]) ? parts[of] : []
  return { of, values, path: [...path, of] }
}

/** The levels that a measured config has or inherits; undefined for one level, and for figures from a document. */
export function levelsOf(
  key: string,
  configs: Readonly<Record<string, unknown>>,
  ofFile: WrittenLevels | undefined,
): WrittenLevels | undefined {
  const chain: string[] = []
  for (let next: unknown = key; typeof next === 'string' && !chain.includes(next);) {
    chain.push(next)
    next = asRecord(configs[next])['from']
  }
  const kind = chain.find((each) =>
    ['target', 'recorded'].some((name) => Object.hasOwn(asRecord(configs[each]), name)),
  )
  if (kind === undefined || Object.hasOwn(asRecord(configs[kind]), 'recorded')) return undefined
  const owner = chain.find((each) => {
    const load = asRecord(asRecord(configs[each])['load'])
    return Object.hasOwn(load, 'users') || Object.hasOwn(load, 'rate')
  })
  return owner === undefined
    ? ofFile
    : levelsIn(asRecord(configs[owner])['load'], ['configs', owner, 'load'])
}

/** The problem of a list of levels in a file with `capacity`: the search chooses the levels. */
export function listNotAllowed(
  source: Source,
  { of, path, isSearched }: WrittenLevels,
): readonly Problem[] {
  if (isSearched === true) return []
  return [
    source.problem(path, {
      code: 'wrong-value',
      message: `\`${of}\` is a list, but \`capacity\` searches the levels`,
      hint: 'write one level, the first of the search, or remove `capacity`',
    }),
  ]
}

export function listProblems(
  source: Source,
  { of, values, path }: WrittenLevels,
): readonly Problem[] {
  if (values.length === 0)
    return [
      source.problem(path, {
        code: 'wrong-value',
        message: `\`${of}\` is an empty list`,
        hint: `write the levels to measure: \`${of}: ${of === 'users' ? '[1, 2, 4, 8]' : '[1/s, 2/s, 4/s]'}\``,
      }),
    ]
  const { entries } = limits
  if (values.length > entries.max)
    return [
      source.problem(path, {
        code: 'too-large',
        message: `\`${of}\` has ${beyond(entries, values.length)}`,
        hint: entries.remedy,
      }),
    ]
  return values.flatMap((value, index) =>
    values.findIndex((other) => String(other) === String(value)) === index
      ? []
      : [
          source.problem([...path, index], {
            code: 'wrong-value',
            message: `the level ${quoted(String(value))} is listed twice`,
            hint: 'keep one of the two',
          }),
        ],
  )
}
