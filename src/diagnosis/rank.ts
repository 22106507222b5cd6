/** 最关键, 次要, 可优化: by what a finding can account for, and how sure it is. */
import { byCertainty } from './allocate.ts'
import type { Finding, Rank } from './diagnosis.ts'
import type { Gap } from './gap.ts'

/** Shares of the time that causes are looked for in: of all parts in which the subject is the slower. */
const criticalShare = 0.3
const secondaryShare = 0.05

const order: readonly Rank[] = ['critical', 'secondary', 'improvable']

/**
 * Critical is what is proven or likely and has at least 30 %, or, of several, the largest of them; secondary what
 * has at least 5 %; all else can be improved, as is everything where the difference is within noise. Where no time is known at all, what is proven to exist comes first.
 */
export function rank(
  findings: readonly Omit<Finding, 'rank'>[],
  gap: Gap | undefined,
): readonly Finding[] {
  const whole = gap === undefined ? 0 : slower(gap)
  const largest = Math.max(0, ...findings.filter(isSure).map(({ totalMs }) => totalMs))
  const rankOf = (finding: Omit<Finding, 'rank'>): Rank => {
    if (!isSure(finding)) return 'improvable'
    if (gap === undefined) return finding.certainty === 'proven' ? 'critical' : 'improvable'
    if (!gap.isShown) return 'improvable'
    const share = whole === 0 ? 0 : finding.totalMs / whole
    if (share >= criticalShare && finding.totalMs === largest) return 'critical'
    return share >= secondaryShare ? 'secondary' : 'improvable'
  }
  return findings
    .map((finding) => ({ ...finding, rank: rankOf(finding) }))
    .toSorted(
      (one, other) =>
        order.indexOf(one.rank) - order.indexOf(other.rank) ||
        other.totalMs - one.totalMs ||
        byCertainty(one, other),
    )
}

function isSure({ certainty }: Pick<Finding, 'certainty'>): boolean {
  return certainty !== 'possible'
}

/** Of all parts in which the subject is the slower, in ms. */
function slower({ parts, shown }: Gap): number {
  return [...shown].reduce((sum, part) => sum + Math.max(0, parts[part]), 0)
}
