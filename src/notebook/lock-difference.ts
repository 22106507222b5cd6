/** Compares two locks with the stored results that they were made from, so that changes of figures are tested. */
import { differenceOf, type VersionDifference } from './difference.ts'
import type { Lock } from './lock.ts'
import { withMeasuredOn } from './measured-on.ts'
import { experimentFile, experimentIds, parseExperimentFile } from './project.ts'
import type { Renderer } from './renderer.ts'
import { readVersionResults, withSameMethod } from './stored-results.ts'

/** Figures are tested if the experiment's file is valid and the results of both locks are stored. */
export async function differenceOfLocks(
  root: string,
  renderer: Renderer,
  earlier: Lock,
  newer: Lock,
): Promise<VersionDifference> {
  const store = renderer.storeOf(newer.experiment)
  const { older, now, recomputed } = await withSameMethod(
    await withMeasuredOn(earlier, store),
    await withMeasuredOn(newer, store),
    store,
  )
  if (!experimentIds(root).includes(now.experiment)) return differenceOf(older, now, {}, recomputed)
  const { experiment } = parseExperimentFile(root, experimentFile(root, now.experiment))
  const read = (lock: Lock) => readVersionResults(experiment, lock, store)
  return differenceOf(older, now, { from: await read(older), to: await read(now) }, recomputed)
}
