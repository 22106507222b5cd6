/**
 * Takes what a lock knows of a private dataset that is not on this machine, so that a report can be rendered and checked
 * without it: its digest, the number of its samples and its checks. If `keep` stores no digest of the dataset, the digests of
 * the whole measurements are taken instead, and the dataset cannot be compared with the results here.
 */
import { ExpError } from '../errors/exp-error.ts'
import type { Dataset, Experiment, MeasuredConfig } from '../experiment/experiment.ts'
import { measurementDigest } from '../experiment/resolve/resolve-config.ts'
import type { Lock, LockedConfig } from './lock.ts'
import { lockedDataset, lockedSettings } from './locked-settings.ts'
import { forPublication } from './publication.ts'

/**
 * The experiment with a dataset of which everything but the samples is known. Throws `ExpError` if the lock does not know it.
 * @param lock the newest one
 */
export function withStoredDataset(experiment: Experiment, lock: Lock | undefined): Experiment {
  const { dataset: absent, keep } = experiment
  if (absent?.absent === undefined) return experiment
  const [stored] = Object.values(lock?.configs ?? {}).flatMap(
    ({ settings }) => lockedDataset(absent.name, settings) ?? [],
  )
  if (
    lock === undefined ||
    stored === undefined ||
    (stored.digest === '' && keep.prompts !== 'none')
  )
    throw unknownDataset(absent.name, experiment.id)
  const dataset: Dataset = { ...absent, ...stored }
  const configs = experiment.configs.map((config) =>
    config.kind === 'measured' ? { ...config, dataset } : config,
  )
  return {
    ...experiment,
    dataset,
    configs: identifyConfigs({ ...experiment, configs }, dataset, lock),
  }
}

/** The configs with the digests of what they measure. */
function identifyConfigs(
  experiment: Experiment,
  dataset: Dataset,
  lock: Lock,
): Experiment['configs'] {
  const shown = new Map(forPublication(experiment).configs.map((config) => [config.key, config]))
  return experiment.configs.map((config) => {
    if (config.kind === 'recorded') return config
    if (dataset.digest !== '') return { ...config, measurementDigest: measurementDigest(config) }
    const locked = Object.hasOwn(lock.configs, config.key) ? lock.configs[config.key] : undefined
    const now = lockedSettings(
      shown.get(config.key) ?? config,
      experiment.keep.prompts,
      lock.lockFormat,
    )
    if (locked === undefined || identityOf(locked.settings) !== identityOf(now))
      throw changedConfig(config, experiment.id)
    return { ...config, measurementDigest: locked.measurementDigest }
  })
}

/** The settings that affect what is measured, as one text. */
function identityOf(settings: LockedConfig['settings']): string {
  const entries = Object.entries(settings)
    .filter(([name]) => name !== 'settleMs' && name !== 'model.digest')
    .sort(([a], [b]) => (a < b ? -1 : 1))
  return JSON.stringify(entries)
}

function unknownDataset(name: string, id: string): ExpError {
  return new ExpError(
    'environment',
    `the private dataset \`${name}\` is not on this machine, and no report of \`${id}\` knows it`,
    `name its file in \`exp.local.yaml\`: \`datasets: {${name}: PATH}\`; or run \`exp report ${id}\` on a machine that has it`,
  )
}

function changedConfig({ key, dataset: { name } }: MeasuredConfig, id: string): ExpError {
  return new ExpError(
    'environment',
    `the config \`${key}\` of \`${id}\` was changed or added, and without the private dataset \`${name}\` nobody can tell which results are its own`,
    `run \`exp report ${id}\` on a machine that has the dataset, or name its file in \`exp.local.yaml\`: \`datasets: {${name}: PATH}\``,
  )
}
