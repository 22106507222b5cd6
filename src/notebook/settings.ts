/** What a config asks for, flat and in plain values, so that two versions can be told apart setting by setting. */
import type { Config, Load, Workload } from '../experiment/experiment.ts'
import { Redactor } from '../results/redact.ts'
import { digestOf } from './digest.ts'

export type Settings = Readonly<Record<string, string | number | boolean>>

const redactor = new Redactor()

/** `target`, `model`, `env.OLLAMA_NUM_PARALLEL`, `options.num_ctx`, `load`, …; what is not asked for is left out. */
export function settingsOf(config: Config): Settings {
  const settings: Record<string, unknown> = {
    ...prefixed('env', redactor.values(config.env)),
    ...prefixed('options', config.options),
  }
  if (config.kind === 'recorded')
    Object.assign(settings, { source: config.source, date: config.date })
  else {
    const { kind, ...target } = config.target
    const headers = 'headers' in target ? redactor.values(target.headers) : {}
    Object.assign(settings, {
      target: kind,
      ...prefixed('target', { ...target, headers: undefined }),
      ...prefixed('header', headers),
      host: config.host,
      model: config.model.name,
      dataset: config.dataset.name,
      datasetDigest: config.dataset.digest,
      settleMs: config.settleMs === 0 ? undefined : config.settleMs,
      ...workloadSettings(config.workload),
    })
  }
  return Object.fromEntries(
    Object.entries(settings).flatMap(([name, value]) =>
      value === undefined ? [] : [[name, plain(value)]],
    ),
  )
}

function workloadSettings(workload: Workload): Record<string, unknown> {
  const { load, ...rest } = workload
  return { ...rest, ...loadSettings(load) }
}

function loadSettings({ kind, ...load }: Load): Record<string, unknown> {
  return { load: kind, ...prefixed('load', load) }
}

function prefixed(
  name: string,
  values: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  return Object.fromEntries(Object.entries(values).map(([key, value]) => [`${name}.${key}`, value]))
}

/** Longest text that stands in a lock as it is. */
const longest = 100

function plain(value: unknown): string | number | boolean {
  if (typeof value === 'number' || typeof value === 'boolean') return value
  const text = typeof value === 'string' ? redactor.text(value) : JSON.stringify(value)
  return text.length <= longest ? text : `${digestOf(Buffer.from(text))} (${text.length})`
}
