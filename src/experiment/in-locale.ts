/** An `Experiment` has its texts in one language; `inLocale` returns it in another. */
import type { Locale } from '../format/locales.generated.ts'
import type { Config, Experiment } from './experiment.ts'
import type { ExperimentTexts } from './texts.ts'

/** The texts that an experiment has now. */
export function textsOf(
  experiment: Pick<Experiment, 'title' | 'question' | 'hardware' | 'estimates' | 'analysis'> &
    Pick<Experiment, 'hypotheses' | 'dataset'> & {
      readonly configs: readonly (Pick<Config, 'label' | 'group'> & { readonly source?: string })[]
    },
): ExperimentTexts {
  const { title, question, hardware, estimates, analysis, configs, hypotheses, dataset } =
    experiment
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
      (dataset?.checks ?? []).flatMap(({ name, label }) =>
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
  return {
    ...experiment,
    title,
    hardware,
    ...(question === undefined ? {} : { question }),
    ...(estimates === undefined ? {} : { estimates }),
    ...(analysis === undefined ? {} : { analysis }),
    ...(dataset === undefined
      ? {}
      : {
          dataset: {
            ...dataset,
            checks: dataset.checks.map((check) => {
              const label = texts.checks[check.name]
              return label === undefined ? check : { ...check, label }
            }),
          },
        }),
    configs: experiment.configs.map((config, index) => ({ ...config, ...texts.configs[index] })),
    hypotheses: experiment.hypotheses.map((hypothesis, index) => {
      const statement = texts.statements[index]
      return statement === undefined ? hypothesis : { ...hypothesis, statement }
    }),
  }
}
