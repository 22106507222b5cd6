import { metricById } from '../../metrics/catalog.ts'
import type { Config, Dataset, Model, RecordedFigure, Workload } from '../experiment.ts'
import type { WrittenConfig, WrittenExperiment } from '../schema/written-experiment.ts'
import { resolveTarget } from '../schema/written-target.ts'
import { parseRecordedFigure } from '../values/amount.ts'
import { parseDuration } from '../values/duration.ts'
import { isRead, readChecked } from '../values/reading.ts'
import { inherit } from './inherit.ts'
import { measurementDigest, recordedDigest } from './measurement-digest.ts'

/** Defaults for every config. */
export interface ConfigDefaults {
  readonly model?: WrittenExperiment['model']
  readonly options?: NonNullable<WrittenExperiment['workload']>['options']
  readonly workload?: Workload
  readonly dataset?: Dataset
}

/** The config with everything that it inherits; undefined if a part that it needs is missing or malformed. */
export function resolveConfig(
  configs: ReadonlyMap<string, WrittenConfig>,
  key: string,
  defaults: ConfigDefaults,
): Config | undefined {
  const merged = inherit(configs, key)
  if (merged === undefined) return undefined
  const label = merged.label ?? key
  const base = {
    key,
    label,
    group: merged.group ?? key,
    ...(merged.from === undefined ? {} : { from: merged.from }),
    env: textOf(merged.env ?? {}),
    accept: merged.accept ?? [],
  }
  if (merged.recorded !== undefined) {
    const { source, date, metrics } = merged.recorded
    const figures = Object.entries(metrics).flatMap(([metric, text]) => figureOf(metric, text))
    const measurementDigest = recordedDigest(figures)
    return {
      ...base,
      kind: 'recorded',
      source,
      date,
      figures,
      options: merged.options ?? {},
      measurementDigest,
    }
  }
  const model = resolveModel(merged.model ?? defaults.model)
  const { workload, dataset } = defaults
  if (!merged.target || !model || !workload || !dataset) return undefined
  const measured = {
    target: resolveTarget(merged.target),
    ...(merged.host === undefined ? {} : { host: merged.host }),
    model,
    options: { ...defaults.options, ...merged.options },
    workload,
    dataset,
    env: base.env,
  }
  return {
    ...base,
    ...measured,
    kind: 'measured',
    settleMs: merged.settle === undefined ? 0 : readChecked(parseDuration(merged.settle)),
    measurementDigest: measurementDigest(measured),
  }
}

export function resolveModel(model: WrittenExperiment['model']): Model | undefined {
  if (model === undefined) return undefined
  if (typeof model === 'string') return { name: model }
  return { name: model.name, ...(model.size === undefined ? {} : { size: model.size }) }
}

/** The figure; none if it cannot be read, which a rule reports. */
function figureOf(metric: string, text: string | number): readonly RecordedFigure[] {
  const known = metricById(metric)
  const reading = known && parseRecordedFigure(text, known.unit)
  return reading && isRead(reading) ? [{ metric, ...reading.value }] : []
}

function textOf(
  env: Readonly<Record<string, string | number | boolean>>,
): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(env).map(([name, value]) => [name, String(value)]))
}
