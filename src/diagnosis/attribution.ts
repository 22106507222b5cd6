/** Attributes each millisecond of a gap to at most one finding, and ranks findings by their milliseconds. */
import type { Finding, Rank, WithCause } from './diagnosis.ts'
import { gapParts, type Gap, type GapPart } from './gap.ts'
import type { Certainty, Found } from './rule.ts'
import { causes, type Cause } from './rules.ts'
import { savingOf } from './saving.ts'

type Attributed = Omit<Finding, 'rank'>

const byDescendingCertainty: readonly Certainty[] = ['proven', 'likely', 'possible']
/** Amounts below this are treated as zero. */
const minMs = 1e-6

/**
 * Gives each finding the milliseconds that it may account for and that are not attributed to an earlier finding. The
 * most certain finding comes first; findings of equal certainty keep the order of rules. Only milliseconds of parts in
 * which the subject is slower beyond noise are attributed, and only if it is slower beyond noise in total.
 */
export function attribute(
  findings: readonly WithCause<Found>[],
  gap: Gap | undefined,
): readonly Attributed[] {
  const unattributed = new Map(gapParts.map((part) => [part, available(gap, part)]))
  const owners = new Map<GapPart, Cause[]>()
  return findings.toSorted(compareCertainty).map((finding) => {
    const ms: Partial<Record<GapPart, number>> = {}
    const sharedWith = new Set<Cause>()
    for (const part of gapParts) {
      const wanted = Math.min(finding.maxMs[part] ?? 0, available(gap, part))
      const attributed = Math.min(wanted, unattributed.get(part) ?? 0)
      if (wanted - attributed > minMs)
        for (const cause of owners.get(part) ?? []) sharedWith.add(cause)
      if (attributed <= minMs) continue
      ms[part] = attributed
      unattributed.set(part, (unattributed.get(part) ?? 0) - attributed)
      owners.set(part, [...(owners.get(part) ?? []), finding.cause])
    }
    const totalMs = Object.values(ms).reduce((sum, each) => sum + each, 0)
    return {
      ...finding,
      ms,
      totalMs,
      savedMs: savingOf([{ ...finding, ms }], gap),
      sharedWith: [...sharedWith],
    }
  })
}

function available(gap: Gap | undefined, part: GapPart): number {
  return gap?.isBeyondNoise === true && gap.partsBeyondNoise.has(part)
    ? Math.max(0, gap.parts[part])
    : 0
}

type Certain = Pick<WithCause<Found>, 'certainty' | 'cause'>

function compareCertainty(one: Certain, other: Certain): number {
  return (
    byDescendingCertainty.indexOf(one.certainty) - byDescendingCertainty.indexOf(other.certainty) ||
    causes.indexOf(one.cause) - causes.indexOf(other.cause)
  )
}

/**
 * The minimum share of a cause for a rank. For a difference in latency, it is the cause's share of the time of all
 * parts in which the subject is slower. For failures, it is the share of the requests or trials that failed.
 */
const minCriticalShare = 0.3
const minSecondaryShare = 0.05

const ranks: readonly Rank[] = ['critical', 'secondary', 'improvable']

/**
 * Ranks findings and sorts them by rank. Only proven and likely findings rank above `improvable`.
 *
 * - `critical`: the largest finding, if it accounts for at least 30 % of the time, some of it in a part that is proven
 *   to be slower
 * - `secondary`: at least 5 %
 * - `improvable`: everything else
 * - no rank, and last: findings whose share is not known
 *
 * If the difference is within noise or the gap is not known, nothing is ranked.
 */
export function rank(findings: readonly Attributed[], gap: Gap | undefined): readonly Finding[] {
  if (gap?.isBeyondNoise !== true) return findings
  const slowerTotalMs = slowerMs(gap)
  const largest = Math.max(0, ...findings.filter(isProvenOrLikely).map(({ totalMs }) => totalMs))
  const rankOf = (finding: Attributed): Rank | undefined => {
    if (finding.totalMs <= 0) return undefined
    if (!isProvenOrLikely(finding)) return 'improvable'
    const share = slowerTotalMs === 0 ? 0 : finding.totalMs / slowerTotalMs
    if (share >= minCriticalShare && finding.totalMs === largest && hasProvenPart(finding, gap))
      return 'critical'
    return share >= minSecondaryShare ? 'secondary' : 'improvable'
  }
  const positionOf = (finding: Finding) =>
    finding.rank === undefined ? ranks.length : ranks.indexOf(finding.rank)
  return findings
    .map((finding) => {
      const ranked = rankOf(finding)
      return ranked === undefined ? finding : { ...finding, rank: ranked }
    })
    .toSorted(
      (one, other) =>
        positionOf(one) - positionOf(other) ||
        other.totalMs - one.totalMs ||
        compareCertainty(one, other),
    )
}

/** The rank of a cause that made this share of the requests (0 to 1) fail. */
export function rankOfShare(share: number): Rank {
  if (share >= minCriticalShare) return 'critical'
  return share >= minSecondaryShare ? 'secondary' : 'improvable'
}

function isProvenOrLikely({ certainty }: Pick<Finding, 'certainty'>): boolean {
  return certainty !== 'possible'
}

function hasProvenPart({ ms }: Attributed, { proven }: Gap): boolean {
  return gapParts.some((part) => ms[part] !== undefined && proven.has(part))
}

/** The time in all parts in which the subject is slower, in ms. */
function slowerMs({ parts, partsBeyondNoise }: Gap): number {
  return [...partsBeyondNoise].reduce((sum, part) => sum + Math.max(0, parts[part]), 0)
}
