/** Converts the options of `exp run` for `prepareRun`, and finds the configs that `--host` names. */
import { ExpError } from '../../errors/exp-error.ts'
import { limits } from '../../errors/limits.ts'
import { positionOf } from '../../experiment/source/position-of.ts'
import { remoteTargetYaml } from '../../experiment/target-kinds.ts'
import { readFileIfExists } from '../../files/read-files.ts'
import { namesOtherMachine } from '../../targets/other-machine.ts'
import type { Experiment, MeasuredConfig } from '../../experiment/experiment.ts'
import { openFileLimit } from '../../host/machine-tools.ts'
import { nextSequence } from '../../results/runs.ts'
import { hasRealResults } from '../../results/real-results.ts'
import type { ResultStore } from '../../results/store.ts'
import type { PrepareOptions } from '../../run/prepare-run.ts'
import { resumptionOf } from '../../run/resumption.ts'
import type { RunEnvironment } from './run-environment.ts'
import type { RunOptions } from './run-options.ts'

/**
 * The options of a run, from the flags and the stored results.
 * @param store the notebook's store, even with `--try`, which stores its results elsewhere
 * @param root the project's folder
 */
export async function prepareOptions(
  experiment: Experiment,
  { only, alone, host, rounds, aa, resume, retryFailed, try: once }: RunOptions,
  store: ResultStore,
  { tool, machine }: RunEnvironment,
  root: string,
): Promise<PrepareOptions> {
  const listings = await store.list()
  const dropped = new Set(store.dropped().map(({ run }) => run))
  const fileLimit = openFileLimit()
  return {
    ...(host === undefined
      ? { only, alone }
      : { only: keysOnHost(host, experiment, machine, root), alone: true, host }),
    ...(aa === undefined ? {} : { aa }),
    ...(once ? { rounds: 1 } : rounds === undefined ? {} : { rounds }),
    ...(fileLimit === undefined ? {} : { openFileLimit: fileLimit }),
    hasRealResults: hasRealResults(experiment.configs, listings, dropped),
    sequence: nextSequence(listings),
    ...(resume
      ? { resumption: resumptionOf(experiment, listings, { dropped, tool, machine, retryFailed }) }
      : {}),
  }
}

/**
 * The keys of the host's configs.
 * @param machine this machine, with its name if it has one
 * @param root the project's folder
 * @throws ExpError if there are none, or if this is another machine and one of them cannot be measured from here
 */
function keysOnHost(
  host: string,
  experiment: Experiment,
  machine: { readonly name?: string | undefined },
  root: string,
): readonly string[] {
  const { file } = experiment
  const configs = experiment.configs.flatMap((config) =>
    config.kind === 'measured' && config.host === host ? [config] : [],
  )
  if (configs.length === 0)
    throw new ExpError(
      'invalid-input',
      `no config of ${file} has the host \`${host}\``,
      `\`exp validate ${file} --hosts\` lists its hosts.`,
    )
  const unreached = configs.filter(({ target }) => !namesOtherMachine(target))
  if (host !== machine.name && unreached.length > 0)
    throw unreachable(host, experiment, unreached, root)
  return configs.map(({ key }) => key)
}

function unreachable(
  host: string,
  { file }: Experiment,
  configs: readonly MeasuredConfig[],
  root: string,
): ExpError {
  const text = readFileIfExists(root, file, limits.experiment)?.toString('utf8') ?? ''
  const name = /^[a-zA-Z0-9_][a-zA-Z0-9_.-]*$/.test(host) ? host : 'NAME'
  return new ExpError(
    'environment',
    [
      `this machine is not \`${host}\`, and a server there cannot be reached from here`,
      ...configs.map(({ key, target }) => {
        const place = positionOf(file, text, ['configs', key, 'target'])
        return `  ${place}: ${key} needs \`${remoteTargetYaml(target, name)}\``
      }),
    ],
    `Write this line; \`ssh\` takes a \`Host\` of \`~/.ssh/config\`, and \`context\` a name that \`docker context ls\` lists.\n       On \`${host}\` itself, add \`--here\`, or write \`name: ${host}\` into \`exp.local.yaml\`.`,
  )
}
