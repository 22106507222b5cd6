/** Excludes a run of an experiment from its reports. */
import { didYouMean } from '../errors/did-you-mean.ts'
import { ExpError } from '../errors/exp-error.ts'
import type { DroppedRun, ResultStore } from '../results/store.ts'

/** Stores that the run is dropped, unless it is already. Throws `ExpError` if the experiment has no such run. */
export async function dropRun(store: ResultStore, id: string, dropped: DroppedRun): Promise<void> {
  const runs = [...new Set((await store.list()).map(({ header }) => header.run))]
  if (!runs.includes(dropped.run))
    throw new ExpError(
      'invalid-input',
      `\`${id}\` has no run \`${dropped.run}\``,
      didYouMean(dropped.run, runs, `\`exp show ${id}\` lists the runs in use`),
    )
  if (store.dropped().every(({ run }) => run !== dropped.run)) await store.drop(dropped)
}
