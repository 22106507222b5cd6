/** The difference between two mean latencies, by the parts that causes can claim. */

/** Decode is in two: because there were more tokens, and because each took longer. */
export const gapParts = [
  'wait',
  'load',
  'prefill',
  'moreTokens',
  'slowerTokens',
  'outside',
] as const
export type GapPart = (typeof gapParts)[number]

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
