/**
 * An experiment that measures other models or servers with the load and the prompts of one that exists. Its first config
 * is that of the base of a race, or else the first of the file. Input: the experiment, and what is compared with it.
 * Output: the new experiment. Pure.
 */
import { ExpError } from '../errors/exp-error.ts'
import type { Experiment, MeasuredConfig } from '../experiment/experiment.ts'
import { resolveTarget } from '../experiment/schema/written-target.ts'
import type { ExperimentContent } from '../experiment/write-experiment.ts'
import type { Locale } from '../format/locales.generated.ts'
import { keyOf, type Value } from './choices.ts'

/** A model, with a server of its own or on that of the first config. */
export interface OtherSide {
  readonly model: string
  readonly server?: Value
}

export interface LikeOptions {
  readonly locale: Locale
  readonly rounds: number
  /** What joins the labels in the title. */
  readonly versus: string
  /** The path of the dataset from the folder of the new file; without it, the dataset is written in place. */
  readonly datasetFile?: string | undefined
}

/** A longer run is asked about first. */
const budgetMs = 30 * 60_000

/** @throws ExpError `invalid-input` if the file measures nothing, or a mix of models */
export function experimentLike(
  experiment: Experiment,
  others: readonly [OtherSide, ...OtherSide[]],
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
  // The file that it is written to has only one dataset.
  const { datasetFile: _, from: __, ...rest } = base
  if (rest.workload.mix !== undefined)
    throw new ExpError(
      'invalid-input',
      `\`${file}\` sends a mix of requests, whose models cannot be replaced by one`,
      'Write the configs to compare into a file: `exp init NAME`.',
    )
  return rest
}

/** What is compared may have other parameters of the model, which is no difference that the file must declare. */
function configOf({ model, server }: OtherSide, base: MeasuredConfig): MeasuredConfig {
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
