/** The options of `exp run` as the preparation of a run takes them. */
import type { Experiment } from '../../experiment/experiment.ts'
import { openFileLimit } from '../../host/machine-tools.ts'
import { nextSequence } from '../../results/runs.ts'
import { hasRealResults } from '../../results/real-results.ts'
import type { ResultStore } from '../../results/store.ts'
import type { PrepareOptions } from '../../run/prepare-run.ts'
import { resumptionOf } from '../../run/resumption.ts'
import { keysOnHost } from './host-option.ts'
import type { RunEnvironment } from './run-environment.ts'
import type { RunOptions } from './run-options.ts'

/**
 * What the flags and the stored results say about the run.
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
