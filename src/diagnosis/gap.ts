/** The difference between two mean latencies, split into parts that can be attributed to causes. */
import { latencyPartIds, type LatencyPartId } from '../metrics/catalog.ts'

/** A part of the latency. Decode is split into the time of additional tokens and the time of slower tokens. */
export type GapPart = Exclude<LatencyPartId, 'decode'> | 'moreTokens' | 'slowerTokens'

export const gapParts: readonly GapPart[] = latencyPartIds.flatMap((id): readonly GapPart[] =>
  id === 'decode' ? ['moreTokens', 'slowerTokens'] : [id],
)

export interface Gap {
  /** Mean latency over rounds, in ms: the subject's minus the reference's, or the subject's own. */
  readonly totalMs: number
  /** Parts add up to `totalMs`; a part may be negative. */
  readonly parts: Readonly<Record<GapPart, number>>
  /** Parts that differ beyond noise. Only their milliseconds can be attributed. */
  readonly partsBeyondNoise: ReadonlySet<GapPart>
  /**
   * The parts beyond noise that differ even if the test is corrected for the number of parts of all pairs. Empty if the
   * total is not proven to differ. Only these parts can prove a cost.
   */
  readonly proven: ReadonlySet<GapPart>
  /** True if the total differs beyond noise. If it does not, nothing is explained or attributed. */
  readonly isBeyondNoise: boolean
  /** True if the rounds suffice for an interval. Without an interval, nothing counts as proven. */
  readonly tested: boolean
  readonly dependence: Dependence
}

/** How the slower config's time depends on the parts of the gap. */
export interface Dependence {
  /**
   * How much latency falls for each millisecond of additional tokens that is removed: more than 1 if tokens are slower,
   * too.
   */
  readonly savedPerMsOfMoreTokens: number
  /**
   * How much latency falls for each millisecond of slower tokens that is removed: more than 1 if answers are longer,
   * too.
   */
  readonly savedPerMsOfSlowerTokens: number
  /** Present if users share slots, so that a request waits while the server computes requests of other users. */
  readonly queue?: { readonly waitMs: number; readonly waitPerComputeMs: number }
}
