/**
 * Rules for configs: each has either a target or recorded figures, and one with a target can be measured. `from`,
 * `versus`, `baseline` and claims name existing configs, and `from` has no cycle.
 */
import { didYouMean } from '../../errors/did-you-mean.ts'
import { beyond, limits } from '../../errors/limits.ts'
import { alternatives, quoted } from '../../errors/quote.ts'
import { metricById, metricIds } from '../../metrics/catalog.ts'
import type { FileRule } from '../draft.ts'
import type { Problem } from '../problem.ts'
import { inherit } from '../resolve/resolve-config.ts'
import { missingKey } from '../schema/schema-problems.ts'
import type { WrittenConfig } from '../schema/written-experiment.ts'
import { contradictionsIn } from '../schema/stated-facts.ts'
import { readFigure } from '../values/recorded-figure.ts'
import { isRead } from '../values/reading.ts'
import type { Path, Source } from '../source/source.ts'
import { hintForMetric } from './claims.ts'

/**
 * The problem of a file with too many configs. Then none of them is checked.
 * @param count the configs as written, or those that levels and `vary` make of them
 */
export function tooManyConfigs(source: Source, count: number): readonly Problem[] {
  const { configs } = limits
  if (count <= configs.max) return []
  const message = `the file has ${beyond(configs, count)}`
  return [source.problem(['configs'], { code: 'too-large', message, hint: configs.remedy }, 'key')]
}

export const atLeastOneConfig: FileRule = ({ draft: { source, configKeys } }) =>
  source.has(['configs']) && configKeys.length === 0
    ? [
        source.problem(
          ['configs'],
          {
            code: 'missing-key',
            message: 'no config is defined',
            hint: 'add one: `native: {target: process}`',
          },
          'key',
        ),
      ]
    : []

export const targetOrRecorded: FileRule = ({ draft: { source, configs } }) =>
  [...configs].flatMap(([key, config]) => {
    const path = ['configs', key]
    if (config.target !== undefined && config.recorded !== undefined)
      return [
        source.problem(
          [...path, 'recorded'],
          {
            code: 'target-and-recorded',
            message: `${quoted(key)} has both \`target\` and \`recorded\``,
            hint: 'split it into a measured and a recorded config',
          },
          'key',
        ),
      ]
    const merged = inherit(configs, key)
    if (merged === undefined || merged.target !== undefined || merged.recorded !== undefined)
      return []
    return [
      source.problem(
        path,
        {
          code: 'missing-key',
          message: `${quoted(key)} has neither \`target\` nor \`recorded\``,
          hint: 'add `target: process`; other targets are `{docker: …}`, `{url: …}` and `embedded`',
        },
        'key',
      ),
    ]
  })

/**
 * A measured config needs a workload, a dataset and a model; the last two may be its own, or those of all items of its
 * mix. A recorded one needs none of them.
 */
export const measuringRequirements: FileRule = ({ draft: { source, configs, top } }) => {
  const measured = [...configs.keys()].flatMap((key) => {
    const merged = inherit(configs, key)
    return merged?.target === undefined ? [] : [merged]
  })
  if (measured.length === 0) return []
  const mixOf = ({ workload }: WrittenConfig) => workload?.mix ?? top.workload?.mix ?? []
  const lacks = (key: 'dataset' | 'model') =>
    measured.some(
      (config) =>
        config[key] === undefined &&
        (mixOf(config).length === 0 || mixOf(config).some((item) => item[key] === undefined)),
    )
  const needed = ['workload', ...(['dataset', 'model'] as const).filter(lacks)]
  return needed
    .filter((key) => !source.has([key]))
    .map((key) => source.problem([key], missingKey([key], source)))
}

export const recordedFigures: FileRule = ({ draft: { source, configs } }) =>
  [...configs].flatMap(([key, { recorded }]) => {
    if (recorded === undefined) return []
    const path = ['configs', key, 'recorded', 'metrics']
    const figures = Object.entries(recorded.metrics)
    if (figures.length === 0)
      return [
        source.problem(
          path,
          {
            code: 'no-figure',
            message: `${quoted(key)} is recorded, but has no figures`,
            hint: 'add a figure from the document: `qps: 6.53/s`',
          },
          'key',
        ),
      ]
    return figures.flatMap(([id, written]): readonly Problem[] => {
      const metric = metricById(id)
      if (metric === undefined)
        return [
          source.problem(
            [...path, id],
            {
              code: 'unknown-metric',
              message: `no metric is named ${quoted(id)}`,
              hint: hintForMetric(id, metricIds),
            },
            'key',
          ),
        ]
      const reading = readFigure(metric, written, recorded)
      if (isRead(reading)) return []
      const { message, hint, at } = reading
      return [source.problem([...path, id, ...at], { code: 'quantity', message, hint })]
    })
  })

/**
 * A recorded config names the kind of spread only of figures that it has, and its facts do not contradict each other.
 */
export const recordedFacts: FileRule = ({ draft: { source, configs: drafts }, configs }) =>
  configs.flatMap((config): readonly Problem[] => {
    const written = drafts.get(config.key)?.recorded
    if (config.kind !== 'recorded' || written === undefined) return []
    const path = ['configs', config.key, 'recorded']
    const kind = (['spread', 'runs'] as const).find((key) => written[key] !== undefined)
    const hasSpread = config.figures.some(({ spread }) => spread !== undefined)
    return [
      ...(kind === undefined || hasSpread
        ? []
        : [
            source.problem([...path, kind], {
              code: 'no-figure',
              message: `${quoted(kind)} describes no figure, because no figure has a spread`,
              hint: 'add the spread to a figure, such as `475 ± 9 tokens/s`; write several runs as a list: `[5.21 tokens/s, 5.30 tokens/s]`',
            }),
          ]),
      ...contradictionsIn(written.facts ?? {}, config.log?.facts).map(({ key, ...finding }) =>
        source.problem([...path, 'facts', key], {
          ...finding,
          code: 'contradiction',
          hint: 'correct one of the two, or remove it',
        }),
      ),
    ]
  })

/** Two configs with the same measurement digest would share their results. */
export const sameMeasurement: FileRule = ({ draft: { source }, configs }) =>
  configs.flatMap((config, index) => {
    const twin = configs
      .slice(0, index)
      .find(
        ({ kind, measurementDigest }) =>
          kind === 'measured' && measurementDigest === config.measurementDigest,
      )
    if (twin === undefined) return []
    return [
      source.problem(
        ['configs', config.key],
        {
          code: 'same-measurement',
          message: `${quoted(config.key)} measures the same as ${quoted(twin.key)}`,
          hint: `change a setting of one of them, or remove it; \`exp run FILE --aa ${twin.key}\` compares a config with itself`,
        },
        'key',
      ),
    ]
  })

function isCapacity(metric: string): boolean {
  return metricById(metric)?.family === 'capacity'
}

export const configNames: FileRule = ({ draft }) => {
  const { source, configKeys, configs, hypotheses, top, grid } = draft
  const unknown = (path: Path, name: string | undefined): readonly Problem[] => {
    if (name === undefined || configKeys.includes(name)) return []
    const levels = draft.series?.find(({ key }) => key === name)?.levels
    if (levels !== undefined)
      return [
        source.problem(path, {
          code: 'unknown-config',
          message: `${quoted(name)} is measured at several levels of its load`,
          hint: `name one of them: ${alternatives(levels.map(({ config }) => config))}`,
        }),
      ]
    if (name === grid?.base)
      return [
        source.problem(path, {
          code: 'unknown-config',
          message: `${quoted(name)} is the base of \`vary\`, which is measured only in its cells`,
          hint: `name a cell, such as ${quoted(grid.cells[0]?.config ?? '')}`,
        }),
      ]
    return [
      source.problem(path, {
        code: 'unknown-config',
        message: `no config is named ${quoted(name)}`,
        hint: didYouMean(name, configKeys, 'write a key of `configs`'),
      }),
    ]
  }
  return [
    ...unknown(['baseline'], top.baseline),
    ...[...configs].flatMap(([key, { from }]) => unknown(['configs', key, 'from'], from)),
    ...[...hypotheses].flatMap(([index, { claim }]) => [
      ...(isCapacity(claim.metric) && draft.series?.some(({ key }) => key === claim.config) === true
        ? []
        : unknown(['hypotheses', index, 'claim', 'config'], claim.config)),
      ...unknown(['hypotheses', index, 'claim', 'versus'], claim.versus),
    ]),
  ]
}

export const fromCycles: FileRule = ({ draft: { source, configs } }) =>
  [...configs.keys()].flatMap((key) => {
    const cycle = cycleFrom(key, (name) => configs.get(name)?.from)
    // Report each cycle once, at its first config in the file.
    if (cycle === undefined || first(configs.keys(), cycle) !== key) return []
    return [
      source.problem(['configs', key, 'from'], {
        code: 'from-cycle',
        message:
          cycle.length === 1
            ? `${quoted(key)} inherits from itself`
            : `${quoted([key, ...cycle].join(' → '))} is a cycle`,
        hint: 'remove one `from`: a chain must end at a config that does not inherit',
      }),
    ]
  })

/** The keys from the parent of `key` back to `key` itself; undefined if the chain does not return to it. */
function cycleFrom(key: string, next: (name: string) => string | undefined) {
  const visited: string[] = []
  for (let name = next(key); name !== undefined && !visited.includes(name); name = next(name)) {
    visited.push(name)
    if (name === key) return visited
  }
  return undefined
}

function first(keys: Iterable<string>, among: readonly string[]): string | undefined {
  return [...keys].find((key) => among.includes(key))
}
