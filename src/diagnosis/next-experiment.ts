/** The file of an experiment that would test a cause: the same configs, the one that tells more, and its hypothesis. */
import { stringify } from 'yaml'
import type {
  Config,
  Experiment,
  Load,
  MeasuredConfig,
  OptionValue,
  Workload,
} from '../experiment/experiment.ts'
import { nativeTarget, type Target } from '../experiment/target-kinds.ts'
import { isDeclaredContainer } from './container.ts'
import type { Analysis } from '../analysis/analysis.ts'
import type { ConfigChange, NextTrial } from './next-trial.ts'

export interface NextTexts {
  readonly title: string
  readonly question: string
  /** Of the config that is added. */
  readonly label: string
  readonly statement: string
}

export interface NextInput {
  readonly experiment: Experiment
  readonly analysis: Analysis
  readonly trial: NextTrial
  /** Of the report that names the cause: `v1.0`. */
  readonly version: string
  readonly texts: NextTexts
  /** The path of the dataset, as the file names it; without one it is written in place. */
  readonly dataset?: string
}

/** Undefined where a side is out of a document and nothing says how to measure it. */
export function nextExperiment(input: NextInput): string | undefined {
  const { experiment, trial, texts, version } = input
  const subject = measurable(input, trial.subject)
  const reference = trial.reference === undefined ? undefined : measurable(input, trial.reference)
  if (subject === undefined || (trial.reference !== undefined && reference === undefined))
    return undefined
  const settings = trial.trial?.from === 'reference' ? reference : subject
  const origin = trial.trial?.on === 'reference' ? placedLike(settings, reference) : settings
  const added = trial.trial && origin && addedConfig(origin, trial.trial.change, input)
  const configs = [reference, subject, added].filter((each) => each !== undefined)
  const shared = sharedOptions(configs, trial)
  const { workload } = subject
  const keys = {
    subject: subject.key,
    reference: reference?.key ?? subject.key,
    trial: added?.key ?? subject.key,
  }
  const { claim } = trial
  const text = stringify(
    {
      title: texts.title,
      question: texts.question,
      locale: experiment.locales.length === 1 ? experiment.locales[0] : [...experiment.locales],
      ...(experiment.tags.length === 0 ? {} : { tags: [...experiment.tags] }),
      follows: { experiment: experiment.id, version, cause: trial.cause },
      ...(Object.keys(experiment.hardware).length === 0 ? {} : { hardware: experiment.hardware }),
      model: modelOf(subject.model),
      dataset: input.dataset ?? datasetOf(subject),
      keep: experiment.keep,
      workload: workloadOf({ ...workload, ...withoutOptions(trial.everywhere) }, shared),
      rounds: experiment.rounds,
      ...(experiment.budgetMs === undefined ? {} : { budget: durationText(experiment.budgetMs) }),
      whenUnavailable: experiment.whenUnavailable,
      configs: Object.fromEntries(
        configs.map((each) => [each.key, configOf(rested(each, trial), shared, subject)]),
      ),
      baseline: reference?.key ?? subject.key,
      hypotheses: [
        {
          id: 'H1',
          statement: texts.statement,
          claim: {
            metric: 'latencyMean',
            config: keys[claim.config],
            versus: keys[claim.versus],
            ...(claim.kind === 'change'
              ? { change: `<= ${claim.percent}%` }
              : { same: `${claim.percent}%` }),
          },
        },
      ],
    },
    { lineWidth: 0 },
  )
  return `# yaml-language-server: $schema=./experiment.schema.json\n${text}`
}

type Written = Omit<MeasuredConfig, 'measurementDigest' | 'kind'> & { readonly origin: Config }

/** A config as it is measured; of one out of a document, as the others of its kind are. */
function measurable({ experiment }: NextInput, key: string): Written | undefined {
  const config = experiment.configs.find((each) => each.key === key)
  if (config === undefined) return undefined
  if (config.kind === 'measured') return { ...config, origin: config }
  const isMeasured = (each: Config): each is MeasuredConfig => each.kind === 'measured'
  const sibling = experiment.configs.filter(isMeasured).find(({ group }) => group === config.group)
  const any = sibling ?? experiment.configs.find(isMeasured)
  if (any === undefined) return undefined
  const target: Target | undefined =
    sibling?.target ?? (isDeclaredContainer({ config }) ? undefined : nativeTarget)
  return (
    target && {
      ...any,
      key,
      label: config.label,
      group: config.group,
      env: config.env,
      target,
      origin: config,
    }
  )
}

/** The one's settings where the other runs. */
function placedLike(
  settings: Written | undefined,
  place: Written | undefined,
): Written | undefined {
  if (settings === undefined || place === undefined) return undefined
  const { key, label, env, options, model, settleMs, accept, origin } = settings
  return { ...place, key, label, env, options, model, settleMs, accept, origin }
}

function addedConfig(
  origin: Written,
  change: ConfigChange,
  { experiment, trial, texts }: NextInput,
): Written {
  const taken = new Set(experiment.configs.map(({ key }) => key))
  const key = `${origin.key}-${trial.cause}`
  return {
    ...origin,
    key: taken.has(key) ? `${key}-2` : key,
    label: texts.label,
    env: merged(origin.env, change.env),
    options: merged(origin.options, change.options),
    target: change.target === undefined ? origin.target : otherTarget(origin.target, change.target),
  }
}

/** A change of a container keeps what it does not name. */
function otherTarget(target: Target, change: Target): Target {
  if (target.kind !== 'docker' || change.kind !== 'docker') return change
  return { ...target, ...change, image: change.image === '' ? target.image : change.image }
}

function merged<Value>(
  values: Readonly<Record<string, Value>>,
  change: Readonly<Record<string, Value | undefined>> = {},
): Readonly<Record<string, Value>> {
  const all = { ...values, ...change }
  const kept: Record<string, Value> = {}
  for (const [name, value] of Object.entries(all)) if (value !== undefined) kept[name] = value
  return kept
}

function rested(each: Written, { everywhere: { settleMs } }: NextTrial): Written {
  return settleMs === undefined ? each : { ...each, settleMs }
}

/** Options that all configs share, and what the experiment changes for all of them. */
function sharedOptions(
  configs: readonly Written[],
  { everywhere }: NextTrial,
): Readonly<Record<string, OptionValue>> {
  const [first, ...others] = configs
  const alike = Object.entries(first?.options ?? {}).filter(([name, value]) =>
    others.every(({ options }) => JSON.stringify(options[name]) === JSON.stringify(value)),
  )
  return merged(Object.fromEntries(alike), everywhere.options)
}

function withoutOptions({ think, cache, users, warmupRequests }: NextTrial['everywhere']) {
  return {
    ...(think === undefined ? {} : { think }),
    ...(cache === undefined ? {} : { cache }),
    ...(users === undefined ? {} : { users }),
    ...(warmupRequests === undefined ? {} : { warmupRequests }),
  }
}

function configOf(
  each: Written,
  shared: Readonly<Record<string, OptionValue>>,
  subject: Written,
): object {
  const own = Object.entries(each.options).filter(([name]) => !(name in shared))
  return {
    label: each.label,
    ...(each.group === each.label ? {} : { group: each.group }),
    target: targetOf(each.target),
    ...(each.host === undefined ? {} : { host: each.host }),
    ...(each.model.name === subject.model.name ? {} : { model: modelOf(each.model) }),
    ...(Object.keys(each.env).length === 0 ? {} : { env: each.env }),
    ...(own.length === 0 ? {} : { options: Object.fromEntries(own) }),
    ...(each.settleMs === 0 ? {} : { settle: durationText(each.settleMs) }),
    ...(each.accept.length === 0 ? {} : { accept: [...each.accept] }),
  }
}

function modelOf({ name, size }: MeasuredConfig['model']): object | string {
  return size === undefined ? name : { name, size }
}

function targetOf(target: Target): object | string {
  const { kind, ...rest } = target
  if (kind === 'embedded') return kind
  if (kind === 'url') {
    const { url, headers } = target
    return { url, ...(Object.keys(headers).length === 0 ? {} : { headers }) }
  }
  const { pull, ...named } = { pull: false, ...rest }
  const written = { ...named, ...(pull ? { pull } : {}) }
  return kind === 'process' && Object.keys(written).length === 0 ? kind : { [kind]: written }
}

function workloadOf(
  workload: Workload & { readonly users?: number },
  options: Readonly<Record<string, OptionValue>>,
): object {
  const {
    api,
    system,
    prompt,
    think,
    format,
    keepAlive,
    load,
    warmupRequests,
    cache,
    timeoutMs,
    users,
  } = workload
  return {
    api,
    ...(system === undefined ? {} : { system }),
    prompt,
    ...(Object.keys(options).length === 0 ? {} : { options }),
    ...(think === undefined ? {} : { think }),
    ...(format === undefined ? {} : { format }),
    ...(keepAlive === undefined ? {} : { keepAlive }),
    load: loadOf(load, users),
    warmup: { requests: warmupRequests },
    cache,
    timeout: durationText(timeoutMs),
  }
}

function loadOf(load: Load, fewer: number | undefined): object {
  switch (load.kind) {
    case 'open': {
      const { ratePerSecond, arrival, durationMs } = load
      return { rate: `${ratePerSecond}/s`, arrival, duration: durationText(durationMs) }
    }
    case 'closed-requests':
      return { users: fewer ?? load.users, requests: load.requests }
    case 'closed-duration': {
      const { users, durationMs, atLeast, atMostMs } = load
      return {
        users: fewer ?? users,
        duration: durationText(durationMs),
        ...(atLeast > 0 ? { atLeast, atMost: durationText(atMostMs) } : {}),
      }
    }
  }
}

function datasetOf({ dataset }: Written): object {
  return {
    name: dataset.name,
    samples: dataset.samples.map(({ fields, expected }) => ({
      ...fields,
      ...(Object.keys(expected).length === 0 ? {} : { expected }),
    })),
    ...(dataset.checks.length === 0
      ? {}
      : { checks: dataset.checks.map((check) => ({ ...check })) }),
  }
}

/** `30s`, `5m`, `1500ms`: the largest unit that leaves no rest. */
function durationText(ms: number): string {
  if (ms % 60_000 === 0) return `${ms / 60_000}m`
  return ms % 1000 === 0 ? `${ms / 1000}s` : `${ms}ms`
}
