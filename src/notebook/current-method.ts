/**
 * Recomputes the figures of a version with the current method (see `figureMethod`), so that versions made with different
 * methods can be compared. Reads only the results that the version was made from, and never rewrites its lock.
 */
import { measuredFigure } from '../analysis/config-figures.ts'
import { summariseTrial } from '../analysis/summarise-trial.ts'
import type { TrialSummary } from '../analysis/trial-summary.ts'
import { metricById } from '../metrics/catalog.ts'
import type { ResultStore } from '../results/store.ts'
import { digestOf } from './digest.ts'
import { methodOf, significant, type Lock, type LockedConfig } from './lock.ts'

/**
 * Makes two versions comparable: if their methods differ, recomputes the figures of both. `recomputed` is false, and the
 * locks are unchanged, if the methods are the same or if some figures cannot be recomputed.
 */
export async function withSameMethod(
  older: Lock,
  now: Lock,
  store: ResultStore,
): Promise<{ readonly older: Lock; readonly now: Lock; readonly recomputed: boolean }> {
  const asStored = { older, now, recomputed: false }
  if (methodOf(older) === methodOf(now)) return asStored
  const [first, second] = [
    await withCurrentMethod(older, store),
    await withCurrentMethod(now, store),
  ]
  return first && second ? { older: first, now: second, recomputed: true } : asStored
}

/** The lock with figures of the current method; undefined if some of its results are missing or were changed. */
async function withCurrentMethod(lock: Lock, store: ResultStore): Promise<Lock | undefined> {
  const configs: Record<string, LockedConfig> = {}
  for (const [key, config] of Object.entries(lock.configs)) {
    const trials = await storedTrials(config, store)
    if (trials === undefined) return undefined
    configs[key] = trials.length === 0 ? config : { ...config, figures: figuresOf(config, trials) }
  }
  return { ...lock, configs }
}

/** The trials of a config; undefined if a file is not the one that the lock names. */
async function storedTrials(
  { results }: LockedConfig,
  store: ResultStore,
): Promise<readonly TrialSummary[] | undefined> {
  const trials: TrialSummary[] = []
  for (const [file, digest] of Object.entries(results)) {
    const bytes = store.bytes(file)
    if (bytes === undefined || digestOf(bytes) !== digest) return undefined
    trials.push(summariseTrial(await store.read(file)))
  }
  return trials.toSorted((one, other) => one.header.round - other.header.round)
}

/** The figures of the metrics in the lock, without those that have no value with the current method. */
function figuresOf(
  { figures }: LockedConfig,
  trials: readonly TrialSummary[],
): LockedConfig['figures'] {
  return Object.fromEntries(
    Object.keys(figures).flatMap((id) => {
      const metric = metricById(id)
      const value = metric && measuredFigure(metric, trials).value
      return value === undefined ? [] : [[id, significant(value)]]
    }),
  )
}
