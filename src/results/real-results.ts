/** Whether an experiment has results of its real targets. */
import { hasEnded, isStandIn } from './selection.ts'
import type { TrialListing } from './store.ts'

/**
 * True if one of the configs has a result of its requested target. Stand-in results must not be mixed with it.
 * @param dropped ids of dropped runs
 */
export function hasRealResults(
  configs: readonly { readonly measurementDigest: string }[],
  listings: readonly TrialListing[],
  dropped: ReadonlySet<string>,
): boolean {
  const digests = new Set(configs.map(({ measurementDigest }) => measurementDigest))
  return listings.some(
    (trial) =>
      hasEnded(trial) &&
      !isStandIn(trial) &&
      digests.has(trial.header.measurementDigest) &&
      !dropped.has(trial.header.run),
  )
}
