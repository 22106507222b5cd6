/** The experiment without secrets, as reports, locks and the terminal show it. */
import type { Dataset } from '../experiment/dataset.ts'
import type { Config, Experiment, MeasuredConfig, Workload } from '../experiment/experiment.ts'
import type { MixItem } from '../experiment/mix-item.ts'
import type { Model } from '../experiment/model.ts'
import type { ExperimentTexts } from '../experiment/texts.ts'
import { Redactor } from '../results/redact.ts'
import { isSecretName } from '../secrets/secret-name.ts'
import {
  jsonWithoutCredentials,
  redacted,
  settingWithoutCredentials,
  withoutCredentials,
} from '../secrets/secrets.ts'

const redactor = new Redactor()

type Format = NonNullable<Workload['format']>

/**
 * Removes secrets: values of variables, headers and options with secret names, and credentials in any text. Names still
 * match those in stored results, which are cleaned in the same way. Digests are not recomputed.
 */
export function forPublication(experiment: Experiment): Experiment {
  const { title, question, hardware, configs, hypotheses, model, dataset, workload } = experiment
  const { analysis, options, until, follows, estimates, texts } = experiment
  return {
    ...experiment,
    title: withoutCredentials(title),
    ...(question !== undefined && { question: withoutCredentials(question) }),
    ...(analysis !== undefined && { analysis: withoutCredentials(analysis) }),
    tags: experiment.tags.map(withoutCredentials),
    hardware: publishedHardware(hardware),
    ...(model !== undefined && { model: publishedModel(model) }),
    ...(dataset !== undefined && { dataset: publishedDataset(dataset) }),
    ...(workload !== undefined && { workload: publishedWorkload(workload) }),
    ...(options !== undefined && { options: withEach(options, settingWithoutCredentials) }),
    ...(until !== undefined && { until: { ...until, metric: withoutCredentials(until.metric) } }),
    ...(follows !== undefined && {
      follows: {
        experiment: withoutCredentials(follows.experiment),
        version: withoutCredentials(follows.version),
        cause: withoutCredentials(follows.cause),
      },
    }),
    ...(estimates !== undefined && { estimates: withEach(estimates, withoutCredentials) }),
    ...(texts !== undefined && { texts: withEach(texts, publishedTexts) }),
    show: experiment.show.map(withoutCredentials),
    configs: configs.map(publishedConfig),
    hypotheses: hypotheses.map((hypothesis) => ({
      ...hypothesis,
      id: withoutCredentials(hypothesis.id),
      statement: withoutCredentials(hypothesis.statement),
      claim: { ...hypothesis.claim, metric: withoutCredentials(hypothesis.claim.metric) },
    })),
  }
}

function publishedHardware(hardware: Experiment['hardware']): Experiment['hardware'] {
  return withEach(hardware, (value, name) =>
    isSecretName(name) ? redacted : withoutCredentials(value),
  )
}

function publishedTexts(texts: ExperimentTexts): ExperimentTexts {
  const { title, question, hardware, estimates, analysis, configs, statements, checks } = texts
  return {
    title: withoutCredentials(title),
    ...(question !== undefined && { question: withoutCredentials(question) }),
    hardware: publishedHardware(hardware),
    ...(estimates !== undefined && { estimates: withEach(estimates, withoutCredentials) }),
    ...(analysis !== undefined && { analysis: withoutCredentials(analysis) }),
    configs: configs.map(({ label, group, source }) => ({
      label: withoutCredentials(label),
      group: withoutCredentials(group),
      ...(source !== undefined && { source: withoutCredentials(source) }),
    })),
    statements: statements.map(withoutCredentials),
    checks: withEach(checks, withoutCredentials),
  }
}

function publishedConfig(config: Config): Config {
  const common = {
    label: withoutCredentials(config.label),
    group: withoutCredentials(config.group),
    env: redactor.values(config.env),
    options: withEach(config.options, settingWithoutCredentials),
  }
  if (config.kind === 'recorded') {
    const { source, facts } = config
    return {
      ...config,
      ...common,
      source: withoutCredentials(source),
      ...(facts !== undefined && {
        facts: {
          written: withEach(facts.written, factWithoutCredentials),
          values: withEach(facts.values, factWithoutCredentials),
        },
      }),
    }
  }
  const { host, model, dataset, workload, target } = config
  return {
    ...config,
    ...common,
    target: publishedTarget(target),
    ...(host !== undefined && { host: withoutCredentials(host) }),
    model: publishedModel(model),
    dataset: publishedDataset(dataset),
    workload: publishedWorkload(workload),
  }
}

function publishedTarget(target: MeasuredConfig['target']): MeasuredConfig['target'] {
  if ('headers' in target) {
    const headers = redactor.values(target.headers)
    return { ...target, url: withoutCredentials(target.url), headers }
  }
  return { ...target, ...withEach({ ...target }, factWithoutCredentials) }
}

function publishedModel({ name, size, ...rest }: Model): Model {
  return {
    ...rest,
    name: withoutCredentials(name),
    ...(size !== undefined && { size: withoutCredentials(size) }),
  }
}

/** The samples keep their fields: neither reports nor locks show them. */
function publishedDataset({ name, checks, ...rest }: Dataset): Dataset {
  return {
    ...rest,
    name: withoutCredentials(name),
    checks: checks.map(({ label, field, pattern, ...check }) => ({
      ...check,
      name: withoutCredentials(check.name),
      ...(label !== undefined && { label: withoutCredentials(label) }),
      ...(field !== undefined && { field: withoutCredentials(field) }),
      ...(pattern !== undefined && { pattern: withoutCredentials(pattern) }),
    })),
  }
}

function publishedWorkload({ prompt, format, mix, ...rest }: Workload): Workload {
  return {
    ...rest,
    ...publishedWords(rest),
    prompt: withoutCredentials(prompt),
    ...(format !== undefined && { format: publishedFormat(format) }),
    ...(mix !== undefined && { mix: mix.map(publishedItem) }),
  }
}

function publishedFormat(format: Format): Format {
  return format === 'json' ? format : withEach(format, jsonWithoutCredentials)
}

function publishedItem({ model, options, dataset, ...rest }: MixItem): MixItem {
  return {
    ...rest,
    ...publishedWords(rest),
    name: withoutCredentials(rest.name),
    ...(model !== undefined && { model: publishedModel(model) }),
    ...(options !== undefined && { options: withEach(options, settingWithoutCredentials) }),
    ...(dataset !== undefined && { dataset: withoutCredentials(dataset) }),
  }
}

/** The texts that both a workload and an item of its mix may have. */
function publishedWords({ system, prompt }: Pick<MixItem, 'system' | 'prompt'>) {
  return {
    ...(system !== undefined && { system: withoutCredentials(system) }),
    ...(prompt !== undefined && { prompt: withoutCredentials(prompt) }),
  }
}

function factWithoutCredentials<Value>(value: Value): Value | string {
  return typeof value === 'string' ? withoutCredentials(value) : value
}

function withEach<Value, Changed>(
  values: Readonly<Record<string, Value>>,
  change: (value: Value, name: string) => Changed,
): Readonly<Record<string, Changed>> {
  return Object.fromEntries(
    Object.entries(values).map(([name, value]) => [withoutCredentials(name), change(value, name)]),
  )
}
