/** Rules for configs: each has a target or recorded figures, and a measured one has everything that measuring needs. */
import { didYouMean } from '../../errors/did-you-mean.ts'
import { quoted } from '../../errors/quote.ts'
import { metricById, metricIds } from '../../metrics/catalog.ts'
import type { Rule } from '../draft.ts'
import type { Problem } from '../problem.ts'
import { inherit } from '../resolve/resolve-config.ts'
import { missingKey } from '../schema/schema-problems.ts'
import { parseRecorded } from '../values/recorded-figure.ts'
import { isRead } from '../values/reading.ts'

export const atLeastOneConfig: Rule = ({ draft: { source, configKeys } }) =>
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

export const targetOrRecorded: Rule = ({ draft: { source, configs } }) =>
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

/** A measured config needs a model, a workload and a dataset; a recorded one needs none of them. */
export const measuringRequirements: Rule = ({ draft: { source, configs } }) => {
  const measured = [...configs.keys()].flatMap((key) => {
    const merged = inherit(configs, key)
    return merged?.target === undefined ? [] : [merged]
  })
  if (measured.length === 0) return []
  const needed = [
    'workload',
    'dataset',
    ...(measured.every(({ model }) => model !== undefined) ? [] : ['model']),
  ]
  return needed
    .filter((key) => !source.has([key]))
    .map((key) => source.problem([key], missingKey([key])))
}

export const recordedFigures: Rule = ({ draft: { source, configs } }) =>
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
    return figures.flatMap(([id, text]): readonly Problem[] => {
      const metric = metricById(id)
      if (metric === undefined)
        return [
          source.problem(
            [...path, id],
            {
              code: 'unknown-metric',
              message: `no metric is named ${quoted(id)}`,
              hint: didYouMean(id, metricIds, `metrics: ${metricIds.join(', ')}`),
            },
            'key',
          ),
        ]
      const reading = parseRecorded(text, metric.unit)
      if (isRead(reading)) return []
      const { message, hint } = reading
      return [source.problem([...path, id], { code: 'quantity', message, hint })]
    })
  })

/** Two configs with the same measurement digest would share their results. */
export const sameMeasurement: Rule = ({ draft: { source }, configs }) =>
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
