/** A round in which a config was much slower or faster than in its others. */
import type { FactValue } from '../results/facts.ts'
import type { Audit } from './audits/audit.ts'

export interface OutlierRound {
  readonly config: string
  readonly round: number
  /** ISO 8601 with offset. */
  readonly startedAt: string
  /** The median latency of the round over the geometric mean of that in the config's other rounds. */
  readonly ratio: number
  /** What the records show of this round and not of the others. Not a proof of a cause. */
  readonly beside: {
    readonly audits: readonly Audit[]
    /** 0 unless it is many times that of the other rounds. */
    readonly failedRequests: number
    readonly facts: readonly BesideFact[]
  }
}

export interface BesideFact {
  readonly id: BesideFactId
  readonly value: FactValue
  /** Distinct values of the other rounds. */
  readonly others: readonly FactValue[]
}

/** Facts that matter if they are many times as large as in other rounds, and those that matter if they differ. */
export const growingFacts = [
  'loadAverage',
  'swapUsedBytes',
  'containerThrottledMs',
  'loadCount',
] as const
export const steadyFacts = [
  'thermalState',
  'powerSource',
  'computeDevice',
  'layersOffloaded',
] as const
export type BesideFactId = (typeof growingFacts)[number] | (typeof steadyFacts)[number]
