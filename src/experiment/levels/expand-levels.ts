/**
 * Expands loads with levels, `load: {users: [1, 2, 4]}`: each config with such a load becomes one config per level.
 * Input: the source of a file. Output: an equivalent source without such lists. Its problems have positions in the
 * original file.
 */
import { asRecord } from '../draft.ts'
import type { Problem } from '../problem.ts'
import { tooManyConfigs } from '../rules/configs.ts'
import type { Path, Source } from '../source/source.ts'
import { parseRate } from '../values/amount.ts'
import { isRead } from '../values/reading.ts'
import { capacitySearch } from './written-search.ts'
import type { CapacitySearch } from './capacity-search.ts'
import type { LoadSeries } from './load-series.ts'
import {
  levelsIn,
  levelsOf,
  listProblems,
  listNotAllowed,
  searchedLevels,
  type LevelKey,
  type WrittenLevels,
} from './written-levels.ts'

/** A config at one level. */
interface LevelConfig {
  readonly key: string
  /** The key of the config in the file. */
  readonly series: string
  readonly of: LevelKey
  readonly value: unknown
  /** The path of the level in the file. */
  readonly path: Path
}

export interface ExpandedLevels {
  readonly source: Source
  /** Empty without levels. */
  readonly series: readonly LoadSeries[]
  readonly search?: CapacitySearch
  readonly problems: readonly Problem[]
  /** True if the levels make too many configs. Then nothing else of the file is checked. */
  readonly isTooLarge?: boolean
}

export function expandLevels(source: Source): ExpandedLevels {
  const file = asRecord(source.value)
  const written = asRecord(file['configs'])
  const search = capacitySearch(file)
  const ofFile =
    search === undefined
      ? levelsIn(asRecord(file['workload'])['load'], ['workload', 'load'])
      : searchedLevels(search)
  const keys = source.keys(['configs'])
  const levels = new Map(
    keys.flatMap((key) => {
      const found = levelsOf(key, written, ofFile)
      return found === undefined ? [] : [[key, found] as const]
    }),
  )
  if (ofFile === undefined && levels.size === 0) return { source, series: [], problems: [] }
  const problems = [
    ...new Set([...(ofFile === undefined ? [] : [ofFile]), ...levels.values()]),
  ].flatMap((each) => [
    ...(file['capacity'] === undefined ? [] : listNotAllowed(source, each)),
    ...listProblems(source, each),
  ])
  if (problems.length > 0) return { source, series: [], problems }
  const count = keys.reduce((sum, key) => sum + (levels.get(key)?.values.length ?? 1), 0)
  const tooMany = tooManyConfigs(source, count)
  if (tooMany.length > 0) return { source, series: [], problems: tooMany, isTooLarge: true }
  const configs = keys.flatMap((key) => levelConfigs(key, levels.get(key)))
  const byKey = new Map(configs.map((each) => [each.key, each]))
  const expanded = keys.flatMap((key): readonly (readonly [string, unknown])[] => {
    const own = configs.filter(({ series }) => series === key)
    if (own.length === 0) return [[key, withLevelOfBase(asRecord(written[key]), configs)]]
    return own.map((level) => [level.key, configAt(level, asRecord(written[key]), configs)])
  })
  const workload = asRecord(file['workload'])
  const value = {
    ...file,
    ...(ofFile === undefined
      ? {}
      : {
          workload: {
            ...workload,
            load: { ...asRecord(workload['load']), [ofFile.of]: ofFile.values[0] },
          },
        }),
    configs: Object.fromEntries(expanded),
  }
  return {
    source: sourceWith(
      source,
      value,
      expanded.map(([key]) => key),
      byKey,
      ofFile,
    ),
    series: [...levels].flatMap(([key, { of }]) => seriesOf(key, of, configs)),
    ...(search === undefined ? {} : { search }),
    problems: [],
  }
}

/** `native-users-4`, `native-rate-2-s`. */
function levelConfigs(series: string, levels: WrittenLevels | undefined): readonly LevelConfig[] {
  if (levels === undefined) return []
  const { of, values, path, isSearched } = levels
  return values.map((value, index) => ({
    key: `${series}-${of}-${String(value)}`.toLowerCase().replace(/[^a-z0-9]+/g, '-'),
    series,
    of,
    value,
    path: isSearched === true ? path : [...path, index],
  }))
}

/** The config of a level, as a file could state it: with one load, and compared with the same level of its base. */
function configAt(
  { series, of, value }: LevelConfig,
  written: Readonly<Record<string, unknown>>,
  all: readonly LevelConfig[],
): object {
  const { from } = written
  const base = levelOf(from, value, all)
  const label = written['label'] ?? series
  const group = written['group'] ?? (from === undefined ? label : undefined)
  return {
    ...written,
    label: withSuffix(label, levelSuffix({ of, value })),
    ...(group === undefined ? {} : { group }),
    ...(base === undefined ? {} : { from: base.key }),
    load: { ...asRecord(written['load']), [of]: value },
  }
}

/** A config with one level. It inherits from the same level of its base, or else from the base's first level. */
function withLevelOfBase(
  written: Readonly<Record<string, unknown>>,
  all: readonly LevelConfig[],
): object {
  const load = asRecord(written['load'])
  const base = levelOf(written['from'], load['users'] ?? load['rate'], all)
  return base === undefined ? written : { ...written, from: base.key }
}

/**
 * The level of a series with this value, or else the first level of the series; undefined if there is no series of that
 * name.
 */
function levelOf(
  series: unknown,
  value: unknown,
  all: readonly LevelConfig[],
): LevelConfig | undefined {
  const levels = all.filter((each) => each.series === series)
  return levels.find((each) => String(each.value) === String(value)) ?? levels[0]
}

/** What the label of a level adds to that of its config. */
function levelSuffix({ of, value }: Pick<LevelConfig, 'of' | 'value'>): string {
  return `, ${of}=${String(value)}`
}

/** @param label one text, or a text for each language */
function withSuffix(label: unknown, suffix: string): unknown {
  if (typeof label !== 'object' || label === null) return `${String(label)}${suffix}`
  return Object.fromEntries(
    Object.entries(label).map(([locale, text]) => [locale, `${String(text)}${suffix}`]),
  )
}

/** The levels in ascending order; none if one of them cannot be read, which the schema reports. */
function seriesOf(
  key: string,
  of: LevelKey,
  configs: readonly LevelConfig[],
): readonly LoadSeries[] {
  const levels = configs
    .filter(({ series }) => series === key)
    .map((level) => ({ value: numberOf(level), config: level.key, suffix: levelSuffix(level) }))
  if (levels.some(({ value }) => Number.isNaN(value))) return []
  return [{ key, of, levels: levels.toSorted((one, other) => one.value - other.value) }]
}

function numberOf({ of, value }: LevelConfig): number {
  if (of === 'users') return Number(value)
  const rate = parseRate(String(value))
  return isRead(rate) ? rate.value : NaN
}

/** The source with another value. A path into the config of a level leads to its origin in the file. */
function sourceWith(
  source: Source,
  value: unknown,
  keys: readonly string[],
  levels: ReadonlyMap<string, LevelConfig>,
  ofFile: WrittenLevels | undefined,
): Source {
  const pathInFile = (path: Path): Path => {
    if (ofFile?.isSearched !== true && path.join('\n') === ofFile?.path.join('\n'))
      return [...path, 0]
    const [first, key, ...rest] = path
    const level = first === 'configs' ? levels.get(String(key)) : undefined
    if (level === undefined) return path
    return rest.length === 2 && rest[0] === 'load' && rest[1] === level.of
      ? level.path
      : ['configs', level.series, ...rest]
  }
  return {
    ...source,
    value,
    problem: (path, details, part) => source.problem(pathInFile(path), details, part),
    keys: (path) =>
      path.length === 1 && path[0] === 'configs' ? keys : source.keys(pathInFile(path)),
    has: (path) => source.has(pathInFile(path)),
    written: (path) => source.written(pathInFile(path)),
    line: (path) => source.line(pathInFile(path)),
  }
}
