/** Trials whose requests `exp prune` removed, so that only their figures are left. */
import type { TrialListing } from './store.ts'

/** True if the requests of the trial were removed: no report can use it. */
export function isPruned({ header }: Pick<TrialListing, 'header'>): boolean {
  return header.pruned !== undefined
}

/** For each pruned trial, the digest of its file before it was pruned. */
export function prunedDigests(
  listings: readonly Pick<TrialListing, 'file' | 'header'>[],
): ReadonlyMap<string, string> {
  return new Map(
    listings.flatMap(({ file, header: { pruned } }) =>
      pruned === undefined ? [] : [[file, pruned] as const],
    ),
  )
}
