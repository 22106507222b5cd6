/** The kinds of requests that a config sends: one, or the items of its mix, each as a config of its own. */
import type { MeasuredConfig } from './experiment.ts'
import type { MixItem } from './mix-item.ts'
import type { Model } from './model.ts'

export interface RequestKind {
  /** The name of the item of the mix. Absent without a mix. */
  readonly item?: string
  readonly weight: number
  /** The config as if all of its requests were of this kind; without a mix. */
  readonly config: MeasuredConfig
}

/** In the order of the mix; at least one. */
export function requestKindsOf(config: MeasuredConfig): readonly [RequestKind, ...RequestKind[]] {
  const { mix, ...workload } = config.workload
  const [first, ...others] = mix ?? []
  if (first === undefined) return [{ weight: 1, config }]
  const kindOf = (item: MixItem): RequestKind => ({
    item: item.name,
    weight: item.weight,
    config: itemConfig({ ...config, workload }, item),
  })
  return [kindOf(first), ...others.map(kindOf)]
}

function itemConfig(
  config: MeasuredConfig,
  { model, system, prompt, options, dataset }: MixItem,
): MeasuredConfig {
  const own = dataset === undefined ? undefined : config.itemDatasets?.get(dataset)
  return {
    ...config,
    model: model ?? config.model,
    options: { ...config.options, ...options },
    workload: {
      ...config.workload,
      ...(system === undefined ? {} : { system }),
      ...(prompt === undefined ? {} : { prompt }),
    },
    dataset: own ?? config.dataset,
  }
}

/** The models that the requests of a config name, each once, that of the first kind first. */
export function modelsOf(config: MeasuredConfig): readonly [Model, ...Model[]] {
  const [first, ...others] = kindOfEachModel(config).map((kind) => kind.config.model)
  return [first ?? config.model, ...others]
}

/** The first kind of each model. */
export function kindOfEachModel(config: MeasuredConfig): readonly RequestKind[] {
  const byName = new Map<string, RequestKind>()
  for (const kind of requestKindsOf(config)) {
    const { name } = kind.config.model
    if (!byName.has(name)) byName.set(name, kind)
  }
  return [...byName.values()]
}
