/** Reads what `--vary` and `--on` compare, and the objectives of `--slo`. */
import { didYouMean } from '../errors/did-you-mean.ts'
import { ExpError } from '../errors/exp-error.ts'
import { quoted } from '../errors/quote.ts'
import { isSecretSetting } from '../secrets/secrets.ts'
import { knownOptions, knownVariables } from '../experiment/schema/ollama-settings.ts'
import type { WrittenConfig } from '../experiment/schema/written-experiment.ts'
import {
  resolveTarget,
  writeTarget,
  type WrittenTarget,
} from '../experiment/schema/written-target.ts'
import { withVersion } from '../experiment/target-kinds.ts'
import { keyOf, type NewMixItem, type ComparedValue, type Variation } from './choices.ts'

const versionSetting = 'version'
const installed = 'installed'
const usersSetting = 'users'

/**
 * Reads what `--vary` compares: `OLLAMA_NUM_PARALLEL=1,4`, `num_ctx=4096,16384`, `users=1,4`,
 * `version=0.11.3,installed`.
 * @throws ExpError `invalid-input`
 */
export function readVariation(text: string): Variation {
  const [, setting, list] = /^([A-Za-z_][A-Za-z0-9_]*)=(.+)$/s.exec(text) ?? []
  const values = list?.split(',').map((value) => value.trim()) ?? []
  if (setting === undefined || values.length < 2 || values.includes(''))
    throw new ExpError(
      'invalid-input',
      `\`--vary ${text}\` names no setting with two or more values`,
      'Write the setting and its values: `--vary OLLAMA_NUM_PARALLEL=1,4`.',
    )
  if (new Set(values).size < values.length)
    throw new ExpError(
      'invalid-input',
      `\`--vary ${text}\` has the same value twice`,
      'Write different values.',
    )
  if (values.some((value) => isSecretSetting(setting, value)))
    throw new ExpError(
      'invalid-input',
      `\`--vary ${setting}=…\` compares values that look like secrets, and reports would show them`,
      'Compare other values: configs, results and reports are named after them.',
    )
  if (setting === versionSetting)
    return { setting, kind: 'version', values: values.map(versionValue), written: values }
  if (setting === usersSetting)
    return { setting, kind: 'load', values: values.map(usersValue), written: values.map(Number) }
  if (/^[A-Z0-9_]+$/.test(setting)) {
    assertKnown(setting)
    return {
      setting,
      kind: 'variable',
      values: values.map((value) => variable(setting, value)),
      written: values.map(numberOrText),
    }
  }
  if (knownOptions.includes(setting))
    return {
      setting,
      kind: 'option',
      values: values.map((value) => option(setting, value)),
      written: values.map(optionValue),
    }
  const known = [...knownVariables, ...knownOptions, versionSetting, usersSetting]
  throw new ExpError(
    'invalid-input',
    `${quoted(setting)} is not a setting of Ollama`,
    didYouMean(setting, known) ??
      'Name a variable of the server (`OLLAMA_…`), a request option (`num_ctx`), `users`, or `version`.',
  )
}

/**
 * Accepts unknown names, because variables of libraries, such as `CUDA_VISIBLE_DEVICES`, may be varied too.
 * @throws ExpError `invalid-input` if the name is probably a misspelt variable of Ollama
 */
function assertKnown(name: string): void {
  if (knownVariables.includes(name)) return
  const full = `OLLAMA_${name}`
  const meant = knownVariables.includes(full)
    ? `did you mean \`${full}\`?`
    : name.startsWith('OLLAMA_')
      ? didYouMean(name, knownVariables)
      : undefined
  if (meant !== undefined)
    throw new ExpError('invalid-input', `${quoted(name)} is not a variable of Ollama`, meant)
}

function variable(name: string, value: string): ComparedValue {
  return {
    key: keyOf(`${name.replace(/^OLLAMA_/, '')} ${value}`),
    label: `${name}=${value}`,
    apply: (config) => ({ ...config, env: { ...config.env, [name]: numberOrText(value) } }),
  }
}

function option(name: string, text: string): ComparedValue {
  const value = optionValue(text)
  return {
    key: keyOf(`${name} ${text}`),
    label: `${name}=${text}`,
    apply: (config) => ({ ...config, options: { ...config.options, [name]: value } }),
  }
}

function optionValue(text: string): string | number | boolean {
  return text === 'true' || text === 'false' ? text === 'true' : numberOrText(text)
}

/** @throws ExpError `invalid-input` if it is not a number of users */
function usersValue(text: string): ComparedValue {
  if (!/^[1-9]\d{0,3}$/.test(text))
    throw new ExpError(
      'invalid-input',
      `${quoted(text)} is not a number of users`,
      'Write whole numbers: `--vary users=1,4,8`.',
    )
  return {
    key: `users-${text}`,
    label: `users=${text}`,
    apply: (config) => ({ ...config, load: { ...config.load, users: Number(text) } }),
  }
}

/** The text as a number if the number is written in the same way, so that the file needs no quotes. */
function numberOrText(text: string): number | string {
  const number = Number(text)
  return String(number) === text && Number.isFinite(number) ? number : text
}

function versionValue(version: string): ComparedValue {
  if (version === installed)
    return { key: installed, label: `Ollama (${installed})`, apply: (config) => config }
  return {
    key: keyOf(`v${version}`),
    label: `Ollama ${version}`,
    apply: (config) => ({ ...config, target: targetWithVersion(config, version) }),
  }
}

/** @throws ExpError `invalid-input` if exp does not choose the version of the config's server */
function targetWithVersion({ target }: WrittenConfig, version: string) {
  const changed = target && withVersion(resolveTarget(target), version)
  if (changed !== undefined) return writeTarget(changed)
  throw new ExpError(
    'invalid-input',
    'exp can compare versions only of servers that it starts',
    'Add `--on native` or `--on docker`.',
  )
}

/** Reads `smollm2:135m@http://box:11434`: a model, and its server if one is named. */
export function readPlacedModel(text: string): {
  readonly model: string
  readonly server?: string
} {
  const [, model, server] =
    /^(.+?)@(native|embedded|docker(?::.+)?|https?:\/\/.+)$/.exec(text) ?? []
  return model === undefined || server === undefined ? { model: text } : { model, server }
}

/** The names of servers that exp starts, as people see them. */
export interface ServerLabels {
  readonly native: string
  readonly docker: string
  readonly embedded: string
}

/**
 * Reads what `--on` compares: `native`, `ssh:HOST`, `docker`, `docker:IMAGE`, `embedded`, or the URL of a running
 * server.
 * @param ollamaVersion the version of the installed Ollama. `docker` without an image uses the same version, so that
 * both
 *   can be compared.
 * @throws ExpError `invalid-input`
 */
export function readServer(
  text: string,
  labels: ServerLabels,
  ollamaVersion: string | undefined,
): ComparedValue {
  if (text === 'native') return server('native', labels.native, 'process')
  if (text === 'embedded') return server('embedded', labels.embedded, 'embedded')
  const [, ssh] = /^ssh:(.+)$/s.exec(text) ?? []
  if (ssh !== undefined) return server(keyOf(ssh), ssh, { process: { ssh } })
  const [, image = `ollama/ollama:${ollamaVersion ?? 'latest'}`] =
    /^docker(?::(.+))?$/s.exec(text) ?? []
  if (/^docker(:|$)/.test(text))
    return server('docker', labels.docker, { docker: { image, pull: true } })
  if (/^https?:\/\//.test(text) && URL.canParse(text)) {
    const { host } = new URL(text)
    return server(keyOf(host), host, { url: text })
  }
  throw new ExpError(
    'invalid-input',
    `${quoted(text)} is not a server`,
    didYouMean(text, ['native', 'docker', 'embedded']) ??
      'Write `native`, `ssh:HOST`, `docker`, `docker:IMAGE`, `embedded`, or a URL: `--on http://mac:11434,http://box:11434`.',
  )
}

function server(key: string, label: string, target: WrittenTarget): ComparedValue {
  return { key, label, apply: (config) => ({ ...config, target }) }
}

/**
 * Reads the models of `--mix` with their weights: `qwen3:0.6b=3,qwen3:1.7b`. A model without a weight has 1.
 * @throws ExpError `invalid-input` if these are not two or more models
 */
export function readMix(text: string): readonly NewMixItem[] {
  const items = text.split(',').flatMap((part): readonly NewMixItem[] => {
    const [, model, weight = '1'] = /^\s*([^\s=]+)\s*(?:=\s*([1-9]\d{0,2}))?\s*$/.exec(part) ?? []
    return model === undefined ? [] : [{ model, weight: Number(weight) }]
  })
  if (items.length >= 2 && items.length === text.split(',').length) return items
  throw new ExpError(
    'invalid-input',
    `\`--mix ${text}\` does not name two or more models with their weights`,
    'Write each model with its weight, for example three requests to one: `--mix qwen3:0.6b=3,qwen3:1.7b=1`.',
  )
}

/**
 * Reads the objectives of `--slo`: `latencyP95<=2s`. The check of the experiment file decides whether the metric can be
 * an objective with this bound.
 * @throws ExpError `invalid-input` if a text names no metric with a bound, or a metric twice
 */
export function readObjectives(texts: readonly string[]): Readonly<Record<string, string>> {
  const objectives = texts
    .flatMap((text) => text.split(','))
    .map((text) => {
      const [, metric, comparator, amount] =
        /^\s*([A-Za-z][\w.]*)\s*:?\s*([<>=≤≥≦≧]+)\s*(.*?)\s*$/su.exec(text) ?? []
      if (metric !== undefined && amount !== undefined)
        return [metric, `${comparator ?? ''} ${amount}`] as const
      throw new ExpError(
        'invalid-input',
        `\`--slo ${text}\` names no metric with a bound`,
        "Write the metric, a comparison and the bound, in quotes: `--slo 'latencyP95<=2s'`.",
      )
    })
  const twice = objectives.find(([metric], index) =>
    objectives.slice(0, index).some(([other]) => other === metric),
  )
  if (twice !== undefined)
    throw new ExpError(
      'invalid-input',
      `\`--slo\` states ${quoted(twice[0])} twice`,
      'Keep one of the two.',
    )
  return Object.fromEntries(objectives)
}
