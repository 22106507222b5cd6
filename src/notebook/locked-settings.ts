/**
 * A config's settings as a flat list of plain values, so that two versions can be compared setting by setting:
 * `target`, `model`, `env.OLLAMA_NUM_PARALLEL`, `options.num_ctx`, `load`, …. Settings that are not set are absent.
 */
import { limits } from '../errors/limits.ts'
import { measures, type Check, type Dataset } from '../experiment/dataset.ts'
import { type Config, type KeepLevel, type Workload } from '../experiment/experiment.ts'
import type { Load } from '../experiment/load.ts'
import { keptDataset, type KeptItem, keptWorkload } from '../experiment/kept-workload.ts'
import { Redactor } from '../results/redact.ts'
import { jsonWithoutCredentials, withoutCredentials } from '../secrets/secrets.ts'
import { digestOf, type LockedConfig, type LockFormat } from './lock.ts'

type Settings = LockedConfig['settings']

const redactor = new Redactor()

/** The settings whose texts are sent to the model. */
const textSettings = ['system', 'prompt', 'format'] as const

/**
 * @param level how much of prompts may be stored. Whatever it is, locks of format 1 store the texts of prompts and the
 *   digest of the dataset.
 */
export function lockedSettings(config: Config, level: KeepLevel, format: LockFormat): Settings {
  const settings: Record<string, unknown> = {
    ...prefixNames('env', redactor.values(config.env)),
    ...prefixNames('options', config.options),
  }
  if (config.kind === 'recorded')
    Object.assign(settings, {
      source: config.source,
      date: config.date,
      ...prefixNames('facts', config.facts?.written ?? {}),
      log: config.log?.digest,
    })
  else {
    const { kind, ...target } = config.target
    const headers = 'headers' in target ? redactor.values(target.headers) : {}
    const { name, digest } = keptDataset(config.dataset, format === 1 ? 'digest' : level)
    Object.assign(settings, {
      target: kind,
      ...prefixNames('target', { ...target, headers: undefined }),
      ...prefixNames('header', headers),
      host: config.host,
      model: config.model.name,
      'model.digest': config.model.digest,
      dataset: name,
      datasetDigest: digest,
      settleMs: config.settleMs === 0 ? undefined : config.settleMs,
      ...workloadSettings(config.workload, format === 1 ? 'text' : level),
    })
  }
  const stored = Object.entries(settings).flatMap(([name, value]) =>
    value === undefined ? [] : [[withoutCredentials(name), settingValue(value)] as const],
  )
  const isPrivate = config.kind === 'measured' && config.dataset.isPrivate === true
  return { ...Object.fromEntries(stored), ...(isPrivate && privateSettings(config.dataset)) }
}

/** The properties of a private dataset that a report needs on a machine without the dataset. */
function privateSettings({ samples, notOnThisMachine, checks }: Dataset): Settings {
  const scores = checks.map(
    ({ measure, name }, at) => [`datasetCheck.${at + 1}`, `${measure} ${name}`] as const,
  )
  return {
    datasetSamples: notOnThisMachine?.samples ?? samples.length,
    ...Object.fromEntries(scores),
  }
}

/** The private dataset of that name from the settings in a lock. Its digest is empty if the settings have none. */
export function lockedDataset(
  name: string,
  settings: Settings,
): Pick<Dataset, 'digest' | 'checks' | 'notOnThisMachine'> | undefined {
  const { dataset, datasetDigest, datasetSamples } = settings
  if (dataset !== name || typeof datasetSamples !== 'number') return undefined
  const digest = typeof datasetDigest === 'string' ? datasetDigest : ''
  const checks = Array.from({ length: limits.resultChecks.max }, (_, at) =>
    lockedCheck(settings[`datasetCheck.${at + 1}`]),
  ).flatMap((check) => check ?? [])
  return {
    digest,
    checks,
    notOnThisMachine: { samples: datasetSamples, isCompared: digest !== '' },
  }
}

/** The check of a setting such as `exact category`. */
function lockedCheck(setting: Settings[string] | undefined): Check | undefined {
  const text = String(setting ?? '')
  const measure = measures.find((one) => text.startsWith(`${one} `))
  return measure && { name: text.slice(measure.length + 1), measure }
}

function workloadSettings(workload: Workload, level: KeepLevel): Record<string, unknown> {
  const { load, mix: _, ...rest } = workload
  const kept = keptWorkload(workload, level)
  const settings = Object.entries<unknown>({
    ...rest,
    ...mixSettings(kept.mix ?? []),
    ...loadSettings(load),
  })
  const stored = settings.flatMap(([name, value]): readonly (readonly [string, unknown])[] => {
    // A text that `keep` does not allow becomes a digest, or is left out.
    if (!isTextSetting(name) || name in kept || value === undefined) return [[name, value]]
    return level === 'none' ? [] : [[name, textDigest(plainText(value))]]
  })
  return Object.fromEntries(stored)
}

/** The parts of each item, by its name: `mix.short.weight`. */
function mixSettings(items: readonly KeptItem[]): Record<string, unknown> {
  return Object.assign(
    {},
    ...items.map(({ name, model, options, ...rest }) =>
      prefixNames(`mix.${name}`, {
        ...rest,
        model: model?.name,
        'model.digest': model?.digest,
        ...prefixNames('options', options ?? {}),
      }),
    ),
  ) as Record<string, unknown>
}

function loadSettings({ kind, ...load }: Load): Record<string, unknown> {
  const { pause = {}, ...others } = { pause: undefined, ...load }
  return { load: kind, ...prefixNames('load', others), ...prefixNames('load.pause', pause) }
}

function prefixNames(
  name: string,
  values: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  return Object.fromEntries(Object.entries(values).map(([key, value]) => [`${name}.${key}`, value]))
}

/** Longer texts are stored as a digest with their length. */
const maxTextLength = 100

function settingValue(value: unknown): string | number | boolean {
  if (typeof value === 'number' || typeof value === 'boolean') return value
  const text = plainText(value)
  return text.length <= maxTextLength ? text : textDigest(text)
}

function plainText(value: unknown): string {
  return typeof value === 'string'
    ? redactor.text(value)
    : JSON.stringify(jsonWithoutCredentials(value))
}

/** The digest of a text with its length: `sha256:… (203)`. */
function textDigest(text: string): string {
  return `${digestOf(Buffer.from(text))} (${text.length})`
}

/**
 * Makes the settings of two locks comparable. If one stores a text and the other its digest, both get the digest. If
 * `keep` left a setting out of one, it is left out of both.
 */
export function comparableSettings(
  before: Settings,
  after: Settings,
): readonly [before: Settings, after: Settings] {
  const isKept = 'prompt' in before && 'prompt' in after
  const comparable = (settings: Settings): Settings =>
    Object.fromEntries(
      Object.entries(settings).flatMap(([name, value]) => {
        if (!isKept && (isTextSetting(name) || name === 'datasetDigest')) return []
        const needsDigest =
          isTextSetting(name) && [before, after].some((one) => isDigest(one[name]))
        return [[name, needsDigest && !isDigest(value) ? textDigest(String(value)) : value]]
      }),
    )
  return [comparable(before), comparable(after)]
}

function isTextSetting(name: string): boolean {
  return textSettings.some((one) => one === name)
}

function isDigest(value: Settings[string] | undefined): boolean {
  return typeof value === 'string' && /^sha256:[0-9a-f]{64} \(\d+\)$/.test(value)
}
