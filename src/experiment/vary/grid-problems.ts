/** The problems of `vary`: its base, its factors, what it excludes, and its size. */
import { didYouMean } from '../../errors/did-you-mean.ts'
import { alternatives, quoted } from '../../errors/quote.ts'
import { isSecretSetting } from '../../secrets/secrets.ts'
import type { Draft } from '../draft.ts'
import type { Problem } from '../problem.ts'
import { mergedLoad } from '../resolve/resolve-workload.ts'
import type { Path, Source } from '../source/source.ts'
import type { WrittenConfig } from '../schema/written-experiment.ts'
import type { WrittenVary } from '../schema/written-vary.ts'
import { parseDuration } from '../values/amount.ts'
import { isRead } from '../values/reading.ts'
import type { WrittenCell } from './cell-source.ts'
import { withLevel, type WrittenFactor } from './factors.ts'

/** The largest number of configs that a grid may have without `maxConfigs`. */
export const defaultMaxConfigs = 24

/** `vary`, or `tune` with the space of its settings. */
export interface WrittenSpace {
  readonly key: 'vary' | 'tune'
  /** The path of the factors. */
  readonly at: Path
  readonly base?: string | undefined
  readonly levels: WrittenVary
}

export function baseProblems(
  { source, configKeys, series }: Draft,
  { base, key }: WrittenSpace,
): readonly Problem[] {
  if (series !== undefined)
    return [
      source.problem(
        [key],
        {
          code: 'wrong-value',
          message: `a file has either \`${key}\` or several levels of a load`,
          hint:
            key === 'tune'
              ? 'write one level into the load: the race tunes the settings for it'
              : 'write the levels into `vary`, such as `load: {users: [1, 4, 8]}`, and one level into the load',
        },
        'key',
      ),
    ]
  if (base !== undefined && configKeys.includes(base)) return []
  if (base !== undefined)
    return [
      source.problem([key, 'base'], {
        code: 'unknown-config',
        message: `no config is named ${quoted(base)}`,
        hint: didYouMean(base, configKeys, 'write a key of `configs`'),
      }),
    ]
  return configKeys.length === 1
    ? []
    : [
        source.problem(
          [key],
          {
            code: 'missing-key',
            message: `\`base\` is missing in \`${key}\`, and there is not exactly one config`,
            hint: `name the config that the cells take their other settings from: \`base: ${configKeys[0] ?? 'KEY'}\``,
          },
          'key',
        ),
      ]
}

export function factorProblems(
  { source }: Draft,
  factors: readonly WrittenFactor[],
  space: WrittenSpace,
): readonly Problem[] {
  return [
    ...nothingVaried(source, factors, space),
    ...duplicateFactors(source, factors),
    ...duplicateLevels(source, factors),
    ...secretLevels(source, factors),
    ...excludeProblems(source, factors, space),
  ]
}

type Factors = readonly WrittenFactor[]

function nothingVaried(source: Source, factors: Factors, { at }: WrittenSpace) {
  const varied = factors.filter(({ levels }) => levels.length > 1)
  return varied.length > 0
    ? []
    : [
        source.problem(
          at,
          {
            code: 'nothing-to-compare',
            message: `${quoted(String(at.at(-1)))} has no list of at least two levels`,
            hint: 'write a list: `env: {OLLAMA_NUM_PARALLEL: [1, 4]}`',
          },
          'key',
        ),
      ]
}

function duplicateFactors(source: Source, factors: Factors): readonly Problem[] {
  const names = factors.map(({ name }) => name)
  return factors
    .filter(({ name }, index) => names.indexOf(name) < index)
    .map(({ name, path }) =>
      source.problem(
        path,
        {
          code: 'duplicate-key',
          message: `two factors are named ${quoted(name)}`,
          hint: 'keep one of the two',
        },
        'key',
      ),
    )
}

function duplicateLevels(source: Source, factors: Factors): readonly Problem[] {
  return factors.flatMap(({ levels }) =>
    levels
      .filter(({ text }, index) => levels.findIndex((other) => other.text === text) < index)
      .map(({ path, text }) =>
        source.problem(path, {
          code: 'wrong-value',
          message: `the level ${quoted(text)} is listed twice`,
          hint: 'keep one of the two',
        }),
      ),
  )
}

/** Levels become part of keys and labels, so that reports would show a secret. */
function secretLevels(source: Source, factors: Factors): readonly Problem[] {
  return factors.flatMap(({ name, levels }) =>
    levels.length < 2
      ? []
      : levels
          .filter(({ text }) => isSecretSetting(name, text))
          .map(({ path }) =>
            source.problem(path, {
              code: 'secret',
              message: `a level of ${quoted(name)} looks like a secret, and reports would show it`,
              hint: 'compare other levels: configs, results and reports are named after them',
            }),
          ),
  )
}

/** The entries of `exclude` that name no factor, or no level of it. */
function excludeProblems(
  source: Source,
  factors: Factors,
  { at, levels: { exclude = [] } }: WrittenSpace,
): readonly Problem[] {
  const names = factors.map(({ name }) => name)
  return exclude.flatMap((combination, index) =>
    Object.entries(combination).flatMap(([name, value]): readonly Problem[] => {
      const factor = factors.find((each) => each.name === name)
      const path = [...at, 'exclude', index, name]
      if (factor === undefined)
        return [
          source.problem(
            path,
            {
              code: 'unknown-key',
              message: `${quoted(name)} is not a factor of ${quoted(String(at.at(-1)))}`,
              hint: didYouMean(name, names, `factors: ${names.join(', ')}`),
            },
            'key',
          ),
        ]
      const texts = factor.levels.map(({ text }) => text)
      return texts.includes(String(value))
        ? []
        : [
            source.problem(path, {
              code: 'wrong-value',
              message: `${quoted(String(value))} is not a level of ${quoted(name)}`,
              hint: `write ${alternatives(texts)}`,
            }),
          ]
    }),
  )
}

/** The problem of a grid with more cells than `maxConfigs`, with the time that the grid would take. */
export function sizeProblem(
  { source, top }: Draft,
  cells: readonly WrittenCell[] | undefined,
  combinations: number,
  merged: WrittenConfig,
  { key }: WrittenSpace,
): Problem | undefined {
  const max = top.maxConfigs ?? defaultMaxConfigs
  const count = cells?.length ?? combinations
  if (cells !== undefined && count <= max) return undefined
  const rounds = key === 'tune' ? 2 : (top.rounds ?? top.until?.maxRounds ?? 6)
  const windows = (cells ?? []).map((cell) => windowMs(top.workload?.load, merged, cell))
  const total = windows.reduce<number | undefined>(
    (sum, each) => (sum === undefined || each === undefined ? undefined : sum + each),
    cells === undefined ? undefined : 0,
  )
  const price =
    total === undefined
      ? `${String(count * rounds)} trials`
      : `at least ${String(Math.ceil((total * rounds) / 60_000))} minutes, the windows alone`
  return source.problem(
    [key],
    {
      code: 'too-large',
      message: `the grid has ${String(count)} cells, and at most ${String(max)} are measured: with ${String(rounds)} rounds it would take ${price}`,
      hint: `leave out levels, or combinations with \`exclude\`; or write \`maxConfigs: ${String(count)}\``,
    },
    'key',
  )
}

/** How long the window of one trial is open; undefined for a load without a duration. */
function windowMs(
  load: Parameters<typeof mergedLoad>[0],
  merged: WrittenConfig,
  { levels }: WrittenCell,
): number | undefined {
  const own = levels.reduce<WrittenConfig>(
    (config, [factor, level]) =>
      factor.section === 'load' ? (withLevel(config, factor, level) ?? config) : config,
    merged,
  )
  const duration = mergedLoad(load, own.load)?.duration
  const reading = typeof duration === 'string' ? parseDuration(duration) : undefined
  return reading !== undefined && isRead(reading) ? reading.value : undefined
}

export function everythingExcluded({ source }: Draft, { at }: WrittenSpace): Problem {
  return source.problem(
    [...at, 'exclude'],
    {
      code: 'nothing-to-compare',
      message: '`exclude` leaves out every combination',
      hint: 'exclude fewer',
    },
    'key',
  )
}
