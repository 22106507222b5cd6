/** A trial's measured requests with what several of its figures and audits rest on, each computed once. */
import type { StoredTrial } from '../results/stored-trial.ts'
import { latencyParts, type LatencyParts } from './latency-parts.ts'
import { measuredRequests, type MeasuredRequests } from './measured-requests.ts'
import { prefillCollapse } from './prefill-collapse.ts'
import { storedWorkload, type StoredWorkload } from './stored-load.ts'

export interface MeasuredTrial extends MeasuredRequests {
  /** `undefined` where the record was made by a program that planned otherwise. */
  readonly workload: StoredWorkload | undefined
  readonly parts: LatencyParts
  /** `undefined` without repeats. */
  readonly prefillCollapse: number | undefined
}

export function measuredTrial({ header, requests }: StoredTrial): MeasuredTrial {
  const measured = measuredRequests(requests)
  return {
    ...measured,
    workload: storedWorkload(header),
    parts: latencyParts(measured),
    prefillCollapse: prefillCollapse(measured),
  }
}
