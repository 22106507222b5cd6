/** The difference between two mean latencies, by the parts that causes can claim. */
import { latencyPartIds, type LatencyPartId } from '../metrics/catalog.ts'

/** A part of the latency; decode is split into the time of additional tokens and the time of slower tokens. */
export type GapPart = Exclude<LatencyPartId, 'decode'> | 'moreTokens' | 'slowerTokens'

export const gapParts: readonly GapPart[] = latencyPartIds.flatMap((id): readonly GapPart[] =>
  id === 'decode' ? ['moreTokens', 'slowerTokens'] : [id],
)

export interface Gap {
  /** Arithmetic means over rounds, in ms; the subject's less the reference's, or the subject's own. */
  readonly totalMs: number
  /** They add up to `totalMs`; a part may be negative. */
  readonly parts: Readonly<Record<GapPart, number>>
  /** Parts that differ beyond noise: only these have milliseconds to claim. */
  readonly shown: ReadonlySet<GapPart>
  /** Those of them that do so even where all parts of all pairs are judged together: on only these a proof can rest. */
  readonly proven: ReadonlySet<GapPart>
  /** Whether the total does; without it there is nothing to explain, though time may have moved between parts. */
  readonly isShown: boolean
  /** Enough rounds for an interval. Without one nothing is proven. */
  readonly tested: boolean
}
