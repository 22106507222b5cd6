/** A round in which a config was much slower or faster than in its others. */
import type { FactValue } from '../results/facts.ts'
import type { Audit } from './audits/audit.ts'

export interface OutlierRound {
  readonly config: string
  readonly round: number
  /** ISO 8601 with offset. */
  readonly startedAt: string
  /** The median latency of the round divided by the geometric mean of the medians of the config's other rounds. */
  readonly ratio: number
  /** What was unusual in this round, according to its records. It need not be the cause. */
  readonly circumstances: {
    readonly audits: readonly Audit[]
    /** The number of failed requests; 0 unless it is many times that of the other rounds. */
    readonly failedRequests: number
    readonly facts: readonly UnusualFact[]
  }
}

export interface UnusualFact {
  readonly id: UnusualFactId
  readonly value: FactValue
  /** Distinct values of the other rounds. */
  readonly others: readonly FactValue[]
}

/** Facts that are unusual if they are many times as large as in the other rounds. */
export const growingFacts = [
  'loadAverage',
  'swapUsedBytes',
  'containerThrottledMs',
  'loadCount',
] as const
/** Facts that are unusual if they differ from the other rounds. */
export const steadyFacts = [
  'thermalState',
  'powerSource',
  'computeDevice',
  'layersOffloaded',
] as const
export type UnusualFactId = (typeof growingFacts)[number] | (typeof steadyFacts)[number]
