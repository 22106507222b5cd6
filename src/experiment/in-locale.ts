/**
 * The texts of an experiment. An `Experiment` has them in one language; `inLocale` replaces them by those of another.
 */
import type { Locale } from '../format/locales.generated.ts'
import type { Check, Dataset } from './dataset.ts'
import type { Config, Experiment } from './experiment.ts'
import type { ExperimentTexts } from './texts.ts'

type WithDatasets = Pick<Experiment, 'dataset'> & { readonly configs: readonly object[] }

/** The datasets of the file and of its configs, each once. */
export function datasetsOf({ dataset, configs }: WithDatasets): readonly Dataset[] {
  const all = [dataset, ...configs.map(datasetOf)].flatMap((each) => each ?? [])
  return [...new Map(all.map((each) => [`${each.name}\n${each.digest}`, each])).values()]
}

function datasetOf(config: object & { readonly dataset?: Dataset }): Dataset | undefined {
  return config.dataset
}

/** The checks of all datasets. */
export function checksOf(experiment: WithDatasets): readonly Check[] {
  return datasetsOf(experiment).flatMap(({ checks }) => checks)
}

/** The texts of an experiment in its present language. */
export function textsOf(
  experiment: Pick<Experiment, 'title' | 'question' | 'hardware' | 'estimates' | 'analysis'> &
    Pick<Experiment, 'hypotheses' | 'dataset'> & {
      readonly configs: readonly (Pick<Config, 'label' | 'group'> & { readonly source?: string })[]
    },
): ExperimentTexts {
  const { title, question, hardware, estimates, analysis, configs, hypotheses } = experiment
  return {
    title,
    ...(question === undefined ? {} : { question }),
    hardware,
    ...(estimates === undefined ? {} : { estimates }),
    ...(analysis === undefined ? {} : { analysis }),
    configs: configs.map(({ label, group, source }) => ({
      label,
      group,
      ...(source === undefined ? {} : { source }),
    })),
    statements: hypotheses.map(({ statement }) => statement),
    checks: Object.fromEntries(
      checksOf(experiment).flatMap(({ name, label }) =>
        label === undefined ? [] : [[name, label] as const],
      ),
    ),
  }
}

/** The experiment with its texts in this language. */
export function inLocale(experiment: Experiment, locale: Locale): Experiment {
  const texts = experiment.texts?.[locale]
  if (texts === undefined) return experiment
  const { title, question, hardware, estimates, analysis } = texts
  const { dataset } = experiment
  const groups = groupNames(experiment.configs, texts)
  return {
    ...experiment,
    title,
    hardware,
    ...(question === undefined ? {} : { question }),
    ...(estimates === undefined ? {} : { estimates }),
    ...(analysis === undefined ? {} : { analysis }),
    ...(dataset === undefined ? {} : { dataset: datasetIn(texts, dataset) }),
    configs: experiment.configs.map((config, index) => ({
      ...config,
      ...texts.configs[index],
      group: groups.get(config.group) ?? config.group,
      ...(config.kind === 'measured' ? { dataset: datasetIn(texts, config.dataset) } : {}),
    })),
    hypotheses: experiment.hypotheses.map((hypothesis, index) => {
      const statement = texts.statements[index]
      return statement === undefined ? hypothesis : { ...hypothesis, statement }
    }),
  }
}

function datasetIn({ checks }: ExperimentTexts, dataset: Dataset): Dataset {
  return {
    ...dataset,
    checks: dataset.checks.map((check) => {
      const label = checks[check.name]
      return label === undefined ? check : { ...check, label }
    }),
  }
}

/**
 * The name of each group in another language. If several groups share a name in that language, the group's name in the
 * first language follows it, because reports have the same sections in all languages.
 */
function groupNames(
  configs: readonly Pick<Config, 'group'>[],
  texts: Pick<ExperimentTexts, 'configs'>,
): ReadonlyMap<string, string> {
  const names = new Map<string, string>()
  for (const [index, { group }] of configs.entries()) {
    const name = texts.configs[index]?.group ?? group
    const isTaken = [...names].some(([other, taken]) => taken === name && other !== group)
    if (!names.has(group)) names.set(group, isTaken ? `${name} (${group})` : name)
  }
  return names
}
