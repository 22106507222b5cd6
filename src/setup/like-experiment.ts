/**
 * Makes an experiment that compares other models or servers with a config of an existing experiment, under the same
 * load and prompts. That config is the base of the existing race, or else the first config. Input: the existing
 * experiment, and the other models and servers. Output: the new experiment. Pure.
 */
import { ExpError } from '../errors/exp-error.ts'
import type { Experiment, MeasuredConfig } from '../experiment/experiment.ts'
import { resolveTarget } from '../experiment/schema/written-target.ts'
import type { ExperimentContent } from '../experiment/write-experiment.ts'
import type { Locale } from '../format/locales.generated.ts'
import { keyOf, type ComparedValue } from './choices.ts'

/** A model to compare, on its own server or on the server of the first config. */
export interface ComparedModel {
  readonly model: string
  readonly server?: ComparedValue
}

export interface LikeOptions {
  readonly locale: Locale
  readonly rounds: number
  /** The text between the labels in the title, such as ` vs. `. */
  readonly versus: string
  /** The path of the dataset, relative to the folder of the new file. Without it, the file contains the dataset. */
  readonly datasetFile?: string | undefined
}

/** exp asks for confirmation before a longer run. */
const budgetMs = 30 * 60_000

/** @throws ExpError `invalid-input` if the file measures nothing, or a mix of models */
export function experimentLike(
  experiment: Experiment,
  others: readonly [ComparedModel, ...ComparedModel[]],
  { locale, rounds, versus, datasetFile }: LikeOptions,
): ExperimentContent {
  const base = baseOf(experiment)
  const configs = [base, ...others.map((other) => configOf(other, base))]
  const { keep, objectives, tuning } = experiment
  const { model, dataset, workload } = base
  return {
    title: configs.map(({ label }) => label).join(versus),
    ...{ locales: [locale], tags: [], hardware: {}, model, dataset, workload, keep, rounds },
    ...(datasetFile === undefined ? {} : { datasetFile }),
    ...(objectives === undefined ? {} : { objectives }),
    whenUnavailable: 'fail',
    budgetMs,
    configs,
    baseline: base.key,
    hypotheses: [],
    show: tuning === undefined ? [] : [tuning.maximize],
  }
}

function baseOf({ configs, tuning, file }: Experiment): MeasuredConfig {
  const measured = configs.filter((config) => config.kind === 'measured')
  const base = measured.find(({ key }) => key === tuning?.grid.base) ?? measured[0]
  if (base === undefined)
    throw new ExpError(
      'invalid-input',
      `\`${file}\` has no config that is measured`,
      'Name another file with `--like`.',
    )
  // The new file names one dataset for all configs.
  const { datasetFile: _, from: __, ...rest } = base
  if (rest.workload.mix !== undefined)
    throw new ExpError(
      'invalid-input',
      `\`${file}\` sends a mix of requests, whose models cannot be replaced by one`,
      'Write the configs to compare into a file: `exp init NAME`.',
    )
  return rest
}

/** The model may have other default parameters on the other server. The new file accepts this difference. */
function configOf({ model, server }: ComparedModel, base: MeasuredConfig): MeasuredConfig {
  const target = server && resolveTarget(server.apply({}).target ?? 'process')
  const label = server === undefined ? model : `${model} (${server.label})`
  return {
    ...base,
    key: keyOf(label),
    label,
    group: label,
    from: base.key,
    model: { name: model },
    ...(target === undefined ? {} : { target }),
    accept: [...new Set([...base.accept, 'modelParameters'])],
  }
}
