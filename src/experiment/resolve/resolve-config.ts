/** Resolves a config: what it inherits, its defaults, and the digest of what it measures. */
import type { Locale } from '../../format/locales.generated.ts'
import { metricById } from '../../metrics/catalog.ts'
import type { Dataset } from '../dataset.ts'
import type {
  Config,
  LogExcerpt,
  MeasuredConfig,
  RecordedConfig,
  RecordedFigure,
  Workload,
} from '../experiment.ts'
import type { MixItem } from '../mix-item.ts'
import { factsStatedBy } from '../schema/stated-facts.ts'
import type { WrittenConfig, WrittenExperiment } from '../schema/written-experiment.ts'
import { resolveTarget } from '../schema/written-target.ts'
import type { WrittenWorkload } from '../schema/written-workload.ts'
import { readFigure, type SpreadKind, type WrittenFigure } from '../values/recorded-figure.ts'
import { parseDuration } from '../values/amount.ts'
import { isRead, readChecked } from '../values/reading.ts'
import { jsonDigest } from '../../json/json.ts'
import { digestParts } from '../target-kinds.ts'
import { mergedLoad, resolveWorkload, workloadOf } from './resolve-workload.ts'
import { resolveModel } from './resolve-model.ts'
import { textIn } from '../texts.ts'

export interface ConfigDefaults {
  readonly model?: WrittenExperiment['model']
  /** As written, with its options. */
  readonly workload?: WrittenWorkload
  readonly dataset?: Dataset
  /** The datasets that configs name themselves, by the name as written. */
  readonly datasetsByName?: ReadonlyMap<string, Dataset>
  /** The languages in which the config's texts are looked for, best first. */
  readonly languages: readonly Locale[]
  /** The log excerpts that could be read, by their paths in the file. */
  readonly logs?: ReadonlyMap<string, LogExcerpt>
}

/** The config with everything that it inherits; undefined if a part that it needs is missing or malformed. */
export function resolveConfig(
  configs: ReadonlyMap<string, WrittenConfig>,
  key: string,
  defaults: ConfigDefaults,
): Config | undefined {
  const merged = inherit(configs, key)
  if (merged === undefined) return undefined
  const { languages } = defaults
  const base = {
    key,
    label: textIn(languages, merged.label ?? key),
    group: textIn(languages, merged.group ?? key),
    ...(merged.from === undefined ? {} : { from: merged.from }),
    env: textOf(merged.env ?? {}),
    accept: merged.accept ?? [],
  }
  if (merged.recorded !== undefined) {
    const recorded = resolveRecorded(merged.recorded, defaults)
    const options = merged.options ?? {}
    const inheritedOptions = inheritedOptionNames(configs, key, options)
    return {
      ...base,
      ...recorded,
      kind: 'recorded',
      options,
      ...(inheritedOptions.length === 0 ? {} : { inheritedOptions }),
      measurementDigest: recordedDigest(recorded),
    }
  }
  const measured = resolveMeasured(merged, defaults)
  if (measured === undefined) return undefined
  return {
    ...base,
    ...measured,
    kind: 'measured',
    ...(merged.dataset === undefined ? {} : { datasetFile: merged.dataset }),
    settleMs: merged.settle === undefined ? 0 : readChecked(parseDuration(merged.settle)),
    measurementDigest: measurementDigest({ ...measured, env: base.env }),
  }
}

/** What a config measures, apart from its variables; undefined if a part that it needs is missing or malformed. */
function resolveMeasured(
  merged: WrittenConfig,
  defaults: ConfigDefaults,
): Omit<Measurement, 'env'> | undefined {
  const written = workloadOf(defaults.workload, merged)
  if (!merged.target || !written) return undefined
  const workload = resolveWorkload(written)
  const { mix } = workload
  const { datasetsByName } = defaults
  const itemDatasets = new Map(
    (mix ?? []).flatMap(({ dataset: name = '' }) => {
      const found = datasetsByName?.get(name)
      return found === undefined ? [] : [[name, found] as const]
    }),
  )
  const model = mix?.[0]?.model ?? resolveModel(merged.model ?? defaults.model)
  const dataset =
    (merged.dataset === undefined ? defaults.dataset : datasetsByName?.get(merged.dataset)) ??
    itemDatasets.get(mix?.[0]?.dataset ?? '')
  if (!model || !dataset || mix?.some((item) => lacksDataset(item, itemDatasets)) === true)
    return undefined
  return {
    target: resolveTarget(merged.target),
    ...(merged.host === undefined ? {} : { host: merged.host }),
    model,
    options: { ...written.options, ...merged.options },
    workload,
    dataset,
    ...(itemDatasets.size === 0 ? {} : { itemDatasets }),
  }
}

function lacksDataset({ dataset }: MixItem, found: ReadonlyMap<string, Dataset>): boolean {
  return dataset !== undefined && !found.has(dataset)
}

function resolveRecorded(
  { source, date, metrics, facts, log, ...spread }: NonNullable<WrittenConfig['recorded']>,
  { logs, languages }: Pick<ConfigDefaults, 'logs' | 'languages'>,
): Pick<RecordedConfig, 'source' | 'date' | 'figures' | 'facts' | 'log'> {
  const excerpt = log === undefined ? undefined : logs?.get(log)
  return {
    source: textIn(languages, source),
    date,
    figures: Object.entries(metrics).flatMap(([metric, written]) =>
      figureOf(metric, written, spread),
    ),
    ...(facts === undefined || Object.keys(facts).length === 0
      ? {}
      : { facts: { written: facts, values: factsStatedBy(facts) } }),
    ...(excerpt === undefined ? {} : { log: excerpt }),
  }
}

/** A list with the figure. Empty if the figure cannot be read, which the rule `recordedFigures` reports. */
function figureOf(
  metric: string,
  written: WrittenFigure,
  spread: SpreadKind,
): readonly RecordedFigure[] {
  const known = metricById(metric)
  const reading = known && readFigure(known, written, spread)
  return reading && isRead(reading) ? [reading.value] : []
}

function textOf(
  env: Readonly<Record<string, string | number | boolean>>,
): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(env).map(([name, value]) => [name, String(value)]))
}

/**
 * The config with everything that it inherits along its chain of `from`; undefined if the chain names an unknown config
 * or is a cycle. `env`, `options`, `load` and `workload` are merged key by key. A config with a target inherits no
 * recorded figures, and vice versa. Labels are not inherited, but the label of the config at the end of the chain is
 * the default group of all configs in the chain.
 */
export function inherit(
  configs: ReadonlyMap<string, WrittenConfig>,
  key: string,
): WrittenConfig | undefined {
  const chain = new Map<string, WrittenConfig>()
  for (let next: string | undefined = key; next !== undefined;) {
    const config = configs.get(next)
    if (config === undefined || chain.has(next)) return undefined
    chain.set(next, config)
    next = config.from
  }
  const [root] = [...chain].slice(-1)
  const merged = [...chain.values()].reduceRight((parent, config) => ({
    ...parent,
    target: config.recorded === undefined ? parent.target : undefined,
    recorded: config.target === undefined ? parent.recorded : undefined,
    label: undefined,
    ...config,
    env: { ...parent.env, ...config.env },
    options: { ...parent.options, ...config.options },
    load: mergedLoad(parent.load, config.load),
    ...(parent.workload && { workload: { ...parent.workload, ...config.workload } }),
  }))
  return { ...merged, group: merged.group ?? root?.[1].label ?? root?.[0] ?? key }
}

/**
 * The names of the options that a recorded config inherits from configs with another document or without one. Follows
 * the chain of `from` up to the config that states the document; the options stated up to there are its own.
 */
function inheritedOptionNames(
  configs: ReadonlyMap<string, WrittenConfig>,
  key: string,
  options: NonNullable<WrittenConfig['options']>,
): readonly string[] {
  const own = new Set<string>()
  for (let config = configs.get(key); config !== undefined;) {
    for (const name of Object.keys(config.options ?? {})) own.add(name)
    const { recorded, from }: WrittenConfig = config
    config = recorded === undefined && from !== undefined ? configs.get(from) : undefined
  }
  return Object.keys(options).filter((name) => !own.has(name))
}

type Measurement = Pick<
  MeasuredConfig,
  'target' | 'host' | 'env' | 'options' | 'model' | 'workload' | 'dataset' | 'itemDatasets'
>

/**
 * The digest of everything that affects what a config measures. It leaves out keys, labels, titles and hypotheses, so
 * renaming invalidates no result. It also leaves out settings that do not affect the measurement: whether the model is
 * pulled, its declared size and digest, the password in a URL.
 */
export function measurementDigest(measurement: Measurement): string {
  const { target, host, env, options, model, workload, dataset, itemDatasets } = measurement
  const { mix, ...rest } = workload
  return jsonDigest({
    target: digestParts(target),
    host,
    env,
    options,
    model: model.name,
    workload: workloadIdentity(rest),
    dataset: dataset.digest,
    mix: mix?.map((item) => ({
      ...item,
      model: item.model?.name,
      dataset: item.dataset && itemDatasets?.get(item.dataset)?.digest,
    })),
  })
}

/** The digest of a recorded config covers its figures and what is known about its server. */
function recordedDigest({
  figures,
  facts,
  log,
}: Pick<RecordedConfig, 'figures' | 'facts' | 'log'>): string {
  return jsonDigest({
    recorded: figures.toSorted((a, b) => (a.metric < b.metric ? -1 : 1)),
    facts: facts?.values,
    log: log?.digest,
  })
}

/**
 * Keeps the order of keys in a JSON schema: it is sent as written, and determines the order of the answer's properties.
 */
function workloadIdentity({ format, ...rest }: Omit<Workload, 'mix'>): object {
  return { ...rest, format: format === undefined ? undefined : JSON.stringify(format) }
}
