/**
 * Builds the experiment that would test a cause: the compared configs, the config that the plan adds, and a hypothesis.
 */
import type { Config, Experiment, Hypothesis, MeasuredConfig } from '../experiment/experiment.ts'
import type { OptionValue } from '../experiment/model.ts'
import { nativeTarget, withContainerSettings, type Target } from '../experiment/target-kinds.ts'
import type { ExperimentContent } from '../experiment/write-experiment.ts'
import { scorePrefix } from '../metrics/catalog.ts'
import { isDeclaredContainer } from './config-facts.ts'
import type { ConfigChange } from './next-plan.ts'
import { changedWorkload, sharedWorkload } from './next-workload.ts'
import type { CauseTest } from './diagnosis.ts'

export interface NextTexts {
  readonly title: string
  readonly question: string
  /** Label of the added config. */
  readonly label: string
  readonly statement: string
}

export interface NextInput {
  readonly experiment: Experiment
  readonly test: CauseTest
  /** Version of the report that names the cause, for example `v1.0`. */
  readonly version: string
  readonly texts: NextTexts
  /** The path or the name of the dataset of the file. Absent if it is part of the file. */
  readonly datasetFile?: string | undefined
}

/** `undefined` if a config is recorded from a document and the experiment does not show how to measure it. */
export function nextExperiment(input: NextInput): ExperimentContent | undefined {
  const { experiment, test, texts, version } = input
  const compared = comparedConfigs(input)
  if (compared === undefined) return undefined
  const { subject, reference, added } = compared
  const configs = [reference, subject, added].filter((each) => each !== undefined)
  const { model, dataset } = subject
  const datasetFile = subject.datasetFile ?? input.datasetFile
  if (configs.some((each) => !canNameDataset(each, subject, input))) return undefined
  const { locales, tags, hardware, keep, rounds, until, looks, budgetMs, whenUnavailable } =
    experiment
  const scores = new Set<string>(dataset.checks.map(({ name }) => scorePrefix + name))
  return {
    title: texts.title,
    question: texts.question,
    ...{ locales, tags, hardware, model, dataset },
    ...(datasetFile === undefined ? {} : { datasetFile }),
    workload: sharedWorkload(
      subject.workload,
      configs.map((each) => each.workload),
      test,
    ),
    options: sharedOptions(configs, test),
    ...{ keep, rounds, whenUnavailable },
    ...(until === undefined ? {} : { until }),
    ...(looks === undefined ? {} : { looks }),
    ...(budgetMs === undefined ? {} : { budgetMs }),
    configs: configs.map((each) =>
      configOf(withDataset(withPause(each, test), subject, input), configs, experiment, test),
    ),
    baseline: (reference ?? subject).key,
    ...(experiment.rankBy === undefined ? {} : { rankBy: experiment.rankBy }),
    hypotheses: [hypothesisOf(input, compared)],
    // Drops scores that only recorded figures have: the dataset of the new file has no check for them.
    show: experiment.show.filter((id) => !id.startsWith(scorePrefix) || scores.has(id)),
    follows: { experiment: experiment.id, version, cause: test.cause },
  }
}

interface ComparedConfigs {
  readonly subject: MeasurableConfig
  readonly reference?: MeasurableConfig | undefined
  /** The config that the plan adds, if it adds one. */
  readonly added?: MeasurableConfig | undefined
}

/** `undefined` if one of the two configs of the old experiment cannot be measured. */
function comparedConfigs(input: NextInput): ComparedConfigs | undefined {
  const { subject: subjectKey, reference: referenceKey, addedConfig: plan } = input.test
  const subject = measurable(input, subjectKey)
  const reference = referenceKey === undefined ? undefined : measurable(input, referenceKey)
  if (subject === undefined || (referenceKey !== undefined && reference === undefined))
    return undefined
  const settings = plan?.from === 'reference' ? reference : subject
  const template = plan?.on === 'reference' ? withPlacementOf(settings, reference) : settings
  return {
    subject,
    reference,
    added: plan && template && addedConfig(template, plan.change, input),
  }
}

/**
 * The plan's claim. If the new experiment lacks the reference or the added config, the claim names the subject instead.
 */
function hypothesisOf(
  { test: { claim }, texts }: NextInput,
  { subject, reference = subject, added = subject }: ComparedConfigs,
): Hypothesis {
  const keys = { subject: subject.key, reference: reference.key, added: added.key }
  const value = claim.percent
  const unit = claim.metric === 'okRate' ? 'pp' : '%'
  const comparator = value < 0 ? '<=' : '>='
  const about = {
    metric: claim.metric ?? 'latencyMean',
    config: keys[claim.config],
    versus: keys[claim.versus],
  }
  return {
    id: 'H1',
    statement: texts.statement,
    gate: false,
    claim:
      claim.kind === 'same'
        ? { ...about, kind: 'same', band: value, text: `${value}${unit}` }
        : {
            ...about,
            kind: 'change',
            threshold: { comparator, value, text: `${comparator} ${value}${unit}` },
          },
  }
}

/** A config to measure, and the config of the old experiment that it is derived from. */
type MeasurableConfig = Omit<MeasuredConfig, 'measurementDigest' | 'kind'> & {
  readonly origin: Config
}

/** The config, ready to be measured. A recorded config gets the target of a measured config of its group. */
function measurable({ experiment }: NextInput, key: string): MeasurableConfig | undefined {
  const config = experiment.configs.find((each) => each.key === key)
  if (config === undefined) return undefined
  if (config.kind === 'measured') return { ...config, origin: config }
  const isMeasured = (each: Config): each is MeasuredConfig => each.kind === 'measured'
  const sibling = experiment.configs.filter(isMeasured).find(({ group }) => group === config.group)
  const template = sibling ?? experiment.configs.find(isMeasured)
  if (template === undefined) return undefined
  const target: Target | undefined =
    sibling?.target ?? (isDeclaredContainer({ config }) ? undefined : nativeTarget)
  return (
    target && {
      ...template,
      key,
      label: config.label,
      group: config.group,
      env: config.env,
      target,
      origin: config,
    }
  )
}

/** A config with the settings of the first config, and the target, host and workload of the second. */
function withPlacementOf(
  settings: MeasurableConfig | undefined,
  place: MeasurableConfig | undefined,
): MeasurableConfig | undefined {
  if (settings === undefined || place === undefined) return undefined
  const { key, label, env, options, model, settleMs, accept, origin } = settings
  return { ...place, key, label, env, options, model, settleMs, accept, origin }
}

function addedConfig(
  template: MeasurableConfig,
  change: ConfigChange,
  { experiment, test, texts }: NextInput,
): MeasurableConfig {
  const usedKeys = new Set(experiment.configs.map(({ key }) => key))
  const key = `${template.key}-${test.cause}`
  return {
    ...template,
    key: usedKeys.has(key) ? `${key}-2` : key,
    label: texts.label,
    env: merged(template.env, change.env),
    options: merged(template.options, change.options),
    target: changedTarget(template.target, change),
  }
}

function changedTarget(current: Target, { target, container }: ConfigChange): Target {
  if (container !== undefined) return withContainerSettings(current, container) ?? current
  return target ?? current
}

function merged<Value>(
  values: Readonly<Record<string, Value>>,
  change: Readonly<Record<string, Value | undefined>> = {},
): Readonly<Record<string, Value>> {
  const all = { ...values, ...change }
  const result: Record<string, Value> = {}
  for (const [name, value] of Object.entries(all)) if (value !== undefined) result[name] = value
  return result
}

function withPause(
  each: MeasurableConfig,
  { everywhere: { settleMs } }: CauseTest,
): MeasurableConfig {
  return settleMs === undefined ? each : { ...each, settleMs }
}

/** The options that all configs share, and those that the experiment changes for all of them. */
function sharedOptions(
  configs: readonly MeasurableConfig[],
  { everywhere }: CauseTest,
): Readonly<Record<string, OptionValue>> {
  const [first, ...others] = configs
  const alike = Object.entries(first?.options ?? {}).filter(([name, value]) =>
    others.every(({ options }) => JSON.stringify(options[name]) === JSON.stringify(value)),
  )
  return merged(Object.fromEntries(alike), everywhere.options)
}

/** False if the config uses another dataset than the subject, and this dataset has no file of its own. */
function canNameDataset(
  { dataset, datasetFile }: MeasurableConfig,
  subject: MeasurableConfig,
  input: NextInput,
): boolean {
  const isOther = dataset.digest !== subject.dataset.digest
  return !isOther || (datasetFile ?? input.datasetFile) !== undefined
}

/** The config; with the name of its dataset if this differs from the subject's. */
function withDataset(
  { datasetFile: own, ...each }: MeasurableConfig,
  subject: MeasurableConfig,
  input: NextInput,
): MeasurableConfig {
  const datasetFile = own ?? input.datasetFile
  const isOther = each.dataset.digest !== subject.dataset.digest
  return isOther && datasetFile !== undefined ? { ...each, datasetFile } : each
}

/**
 * A config of the new file. It has the options that the experiment changes for all configs, and a `from` if possible.
 */
function configOf(
  { origin, ...each }: MeasurableConfig,
  all: readonly MeasurableConfig[],
  experiment: Experiment,
  { everywhere }: CauseTest,
): Omit<MeasuredConfig, 'measurementDigest'> {
  const { key, label, group, env, accept, target, host, model, workload, dataset, settleMs } = each
  const parent = all.find((other) => other.key === parentKey(key, origin, all, experiment))
  return {
    kind: 'measured',
    ...{ key, label, group, env, accept, target, model, dataset, settleMs },
    workload: changedWorkload(workload, everywhere),
    ...(each.datasetFile === undefined ? {} : { datasetFile: each.datasetFile }),
    ...(host === undefined ? {} : { host }),
    options: merged(each.options, everywhere.options),
    ...(parent !== undefined && canInherit(each, parent) ? { from: parent.key } : {}),
  }
}

/**
 * For an added config, the config that it is derived from; for another config, its nearest ancestor in the new file.
 */
function parentKey(
  key: string,
  origin: Config,
  all: readonly MeasurableConfig[],
  { configs }: Experiment,
): string | undefined {
  if (origin.key !== key) return origin.key
  const isHere = (name: string) => all.some((each) => each.key === name)
  let { from } = origin
  while (from !== undefined && !isHere(from))
    from = configs.find((config) => config.key === from)?.from
  return from
}

type Settings = Pick<MeasurableConfig, 'env' | 'options' | 'host' | 'workload' | 'datasetFile'>

/** True if the config has every setting of the parent: a file can change inherited settings, but not remove them. */
function canInherit(config: Settings, parent: Settings): boolean {
  const hasKeysOf = (one: object, other: object) =>
    Object.keys(other).every((key) => Object.hasOwn(one, key))
  return (
    hasKeysOf(config.env, parent.env) &&
    hasKeysOf(config.options, parent.options) &&
    hasKeysOf(config.workload, parent.workload) &&
    hasKeysOf(config.workload.load, parent.workload.load) &&
    (config.datasetFile !== undefined || parent.datasetFile === undefined) &&
    (config.host !== undefined || parent.host === undefined)
  )
}
