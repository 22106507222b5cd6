/** Who gets the milliseconds: each is given once, to the surest finding that claims it. */
import { causes, type Cause } from './cause.ts'
import type { Finding, Found, Certainty } from './diagnosis.ts'
import { gapParts, type Gap, type GapPart } from './gap.ts'

type Allocated = Omit<Finding, 'rank'>

const surest: readonly Certainty[] = ['proven', 'likely', 'possible']
/** Less than this of a part is none of it. */
const leastMs = 1e-6

/**
 * In the order of certainty, then of `causes`. A part that does not differ beyond noise has nothing to give, and
 * neither has one in which the subject is the faster.
 */
export function allocate(findings: readonly Found[], gap: Gap | undefined): readonly Allocated[] {
  const left = new Map(gapParts.map((part) => [part, available(gap, part)]))
  const holders = new Map<GapPart, Cause[]>()
  return findings.toSorted(byCertainty).map((finding) => {
    const ms: Partial<Record<GapPart, number>> = {}
    const within = new Set<Cause>()
    for (const part of gapParts) {
      const wanted = Math.min(finding.claims[part] ?? 0, available(gap, part))
      const given = Math.min(wanted, left.get(part) ?? 0)
      if (wanted - given > leastMs) for (const cause of holders.get(part) ?? []) within.add(cause)
      if (given <= leastMs) continue
      ms[part] = given
      left.set(part, (left.get(part) ?? 0) - given)
      holders.set(part, [...(holders.get(part) ?? []), finding.cause])
    }
    const totalMs = Object.values(ms).reduce((sum, each) => sum + each, 0)
    return { ...finding, ms, totalMs, within: [...within] }
  })
}

function available(gap: Gap | undefined, part: GapPart): number {
  return gap?.shown.has(part) === true ? Math.max(0, gap.parts[part]) : 0
}

export function byCertainty(
  one: Pick<Found, 'certainty' | 'cause'>,
  other: Pick<Found, 'certainty' | 'cause'>,
): number {
  return (
    surest.indexOf(one.certainty) - surest.indexOf(other.certainty) ||
    causes.indexOf(one.cause) - causes.indexOf(other.cause)
  )
}
