/**
 * Reads the properties of private datasets from a lock, so that a report can be rendered and checked on a machine
 * without them: digests, numbers of samples, and checks. If `keep` stores no digest of a dataset, the configs take their
 * measurement digests from the lock. Nothing then shows whether the results were measured with the dataset of today.
 */
import { ExpError } from '../errors/exp-error.ts'
import type { Dataset } from '../experiment/dataset.ts'
import type { Experiment, MeasuredConfig } from '../experiment/experiment.ts'
import { datasetsOf } from '../experiment/in-locale.ts'
import { measurementDigest } from '../experiment/resolve/resolve-config.ts'
import type { Lock, LockedConfig } from './lock.ts'
import { lockedDataset, lockedSettings } from './locked-settings.ts'
import { forPublication } from './publication.ts'

/**
 * The experiment with its datasets, of which only the samples are missing. Throws `ExpError` if the lock does not know
 * a dataset.
 * @param lock the newest one
 */
export function withStoredDataset(experiment: Experiment, lock: Lock | undefined): Experiment {
  const absent = datasetsOf(experiment).filter((dataset) => dataset.notOnThisMachine !== undefined)
  if (absent.length === 0) return experiment
  const known = new Map(absent.map((each) => [each.name, knownDataset(each, experiment, lock)]))
  const filled = (dataset: Dataset) =>
    (dataset.notOnThisMachine && known.get(dataset.name)) ?? dataset
  const { dataset } = experiment
  const configs = experiment.configs.map((config) =>
    config.kind === 'measured' ? { ...config, dataset: filled(config.dataset) } : config,
  )
  return {
    ...experiment,
    ...(dataset && { dataset: filled(dataset) }),
    configs: lock === undefined ? configs : identifyConfigs({ ...experiment, configs }, lock),
  }
}

function knownDataset(absent: Dataset, { id, keep }: Experiment, lock: Lock | undefined): Dataset {
  const [stored] = Object.values(lock?.configs ?? {}).flatMap(
    ({ settings }) => lockedDataset(absent.name, settings) ?? [],
  )
  if (stored === undefined || (stored.digest === '' && keep.prompts !== 'none'))
    throw unknownDataset(absent.name, id)
  return { ...absent, ...stored }
}

/** The configs with the digests of what they measure. */
function identifyConfigs(experiment: Experiment, lock: Lock): Experiment['configs'] {
  const published = new Map(
    forPublication(experiment).configs.map((config) => [config.key, config]),
  )
  return experiment.configs.map((config) => {
    if (config.kind === 'recorded') return config
    if (config.dataset.notOnThisMachine === undefined) return config
    if (config.dataset.digest !== '')
      return { ...config, measurementDigest: measurementDigest(config) }
    const locked = Object.hasOwn(lock.configs, config.key) ? lock.configs[config.key] : undefined
    const now = lockedSettings(
      published.get(config.key) ?? config,
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
