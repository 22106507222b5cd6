/** What a claim came to: one verdict, what it rests on, and, where it is open, what it would take to know. */
import type { Claim, Threshold } from '../experiment/experiment.ts'
import { isSameTarget } from '../experiment/target-kinds.ts'
import type { Metric } from '../metrics/metric.ts'
import type { ConfigAnalysis } from './analysis.ts'
import type { AuditId } from './audits/audit.ts'
import { voidingAudit } from './audits/config-audits.ts'
import { areOnOneHost } from './comparison.ts'
import { undeclaredDifferences, type UndeclaredDifference } from './comparability.ts'
import type { Absence, Figure, Interval } from './figure.ts'
import { floorOf, type NoiseFloor } from './noise-floor.ts'
import { outlookOf, type Outlook } from './outlook.ts'

/** ✅ ❌ ⚖️ 🔎 🔎 🔄 ⛔ */
export const verdictCodes = [
  'supported',
  'refuted',
  'inconclusive',
  'indicated-for',
  'indicated-against',
  'pending',
  'none',
] as const
export type VerdictCode = (typeof verdictCodes)[number]

/** Why there is no verdict; a closed set, wording in the templates. */
export type NoVerdict =
  | { readonly code: 'stand-in' }
  | { readonly code: 'failed'; readonly config: string }
  | { readonly code: 'not-comparable'; readonly differences: readonly UndeclaredDifference[] }
  | { readonly code: 'audit'; readonly audit: AuditId; readonly config: string }
  /** Ok rates in percent, more than a point apart: those that survived are compared. */
  | { readonly code: 'ok-rates'; readonly from: number; readonly to: number }
  /** A figure that the claim needs is not there. */
  | { readonly code: 'no-figure'; readonly config: string; readonly absence: Absence }

export interface Verdict {
  readonly code: VerdictCode
  /** Only with `none`. */
  readonly reason?: NoVerdict
  /** Pairs of rounds, rounds of one config, or distinct samples. */
  readonly n: number
  readonly of: 'rounds' | 'samples'
  /** The two sides were measured in different runs. */
  readonly unpaired: boolean
  /** On different machines too: machine and config cannot be told apart. */
  readonly onDifferentHosts: boolean
  /** A side is out of a document, which cannot show that it agrees in what is not under test. */
  readonly uncheckable: boolean
  /** Undeclared differences that the file accepts. */
  readonly accepted: readonly UndeclaredDifference[]
  /** What this run could have shown, and what it would take; wherever there is an interval. */
  readonly outlook?: Outlook
}

export interface ClaimInput {
  readonly claim: Claim
  readonly figure: Figure
  readonly base?: Figure | undefined
  readonly config?: ConfigAnalysis | undefined
  readonly versus?: ConfigAnalysis | undefined
  readonly measured?: number | undefined
  readonly interval?: Interval | undefined
  readonly n: number
  readonly standIn: boolean
  readonly floor?: NoiseFloor | undefined
}

/** Ok rates that differ by more than so many points compare survivors. */
const okRateTolerance = 1

export function verdictOf(claimed: ClaimInput): Verdict {
  const { config, versus, n } = claimed
  const sides = [config, versus].filter((side) => side !== undefined)
  const undeclared =
    config === undefined || versus === undefined ? [] : undeclaredDifferences(versus, config)
  const base = {
    n,
    of: claimed.figure.metric.family === 'score' ? ('samples' as const) : ('rounds' as const),
    unpaired: new Set(sides.flatMap(({ run }) => run ?? [])).size > 1,
    onDifferentHosts: !areOnOneHost(...sides),
    uncheckable: sides.some(({ state }) => state === 'recorded'),
    accepted: undeclared.filter(({ accepted }) => accepted),
  }
  if (sides.some(({ state }) => state === 'pending')) return { ...base, code: 'pending' }
  const reason = reasonForNoVerdict(claimed, undeclared)
  if (reason !== undefined) return { ...base, code: 'none', reason }
  const { measured, interval } = claimed
  if (measured === undefined) return { ...base, code: 'inconclusive' }
  if (interval === undefined) return { ...base, code: codeByEstimate(claimed, measured) }
  const outlook = outlookOf(claimed, measured, interval)
  return {
    ...base,
    code: codeByInterval(claimed.claim, interval),
    ...(outlook === undefined ? {} : { outlook }),
  }
}

function reasonForNoVerdict(
  { claim, figure, base, config, versus, standIn }: ClaimInput,
  undeclared: readonly UndeclaredDifference[],
): NoVerdict | undefined {
  const sides = [config, versus].filter((side) => side !== undefined)
  const failed = sides.find(({ state }) => state === 'failed')
  if (failed !== undefined) return { code: 'failed', config: failed.config.key }
  if (standIn && !(config && versus && haveSameTarget(config, versus))) return { code: 'stand-in' }
  const differences = undeclared.filter(({ accepted }) => !accepted)
  if (differences.length > 0) return { code: 'not-comparable', differences }
  for (const side of sides) {
    const audit = voidingAudit(figure.metric, side)
    if (audit !== undefined) return { code: 'audit', audit, config: side.config.key }
  }
  const [from, to] = [versus, config].map((side) => side?.figures.get('okRate')?.value)
  if (
    claim.metric !== 'okRate' &&
    from !== undefined &&
    to !== undefined &&
    Math.abs(to - from) > okRateTolerance
  )
    return { code: 'ok-rates', from, to }
  const absence = figure.absence ?? base?.absence
  if (absence === undefined) return undefined
  const missing =
    figure.absence === undefined && claim.kind !== 'value' ? claim.versus : claim.config
  return { code: 'no-figure', config: missing, absence }
}

function haveSameTarget(
  { config: one }: ConfigAnalysis,
  { config: other }: ConfigAnalysis,
): boolean {
  return (
    one.kind === 'measured' && other.kind === 'measured' && isSameTarget(one.target, other.target)
  )
}

/** Where the interval lies: wholly on the claimed side, wholly on the other, or across. */
function codeByInterval(claim: Claim, { low, high }: Interval): VerdictCode {
  if (claim.kind === 'same') {
    if (low >= -claim.band && high <= claim.band) return 'supported'
    return low > claim.band || high < -claim.band ? 'refuted' : 'inconclusive'
  }
  const { comparator, value } = claim.threshold
  const holds = {
    '<=': [high <= value, low > value],
    '<': [high < value, low >= value],
    '>=': [low >= value, high < value],
    '>': [low > value, high <= value],
  }[comparator]
  if (holds[0] === true) return 'supported'
  return holds[1] === true ? 'refuted' : 'inconclusive'
}

/** Without an interval: the estimate must clear the threshold by more than the floor. */
function codeByEstimate(claimed: ClaimInput, measured: number): VerdictCode {
  const { claim } = claimed
  const margin =
    claim.kind === 'same' ? claim.band - Math.abs(measured) : marginTo(claim.threshold, measured)
  const floor = floorInClaim(claimed)
  if (margin > floor) return 'indicated-for'
  return margin < -floor ? 'indicated-against' : 'inconclusive'
}

function marginTo({ comparator, value }: Threshold, measured: number): number {
  return comparator.startsWith('<') ? value - measured : measured - value
}

/** The floor in the unit of the claim; of a value that changes by ratio, its percentage of the threshold. */
function floorInClaim({ claim, figure: { metric }, config, versus, floor }: ClaimInput): number {
  const side = versus ?? config
  if (side === undefined) return 0
  const inChange = floorOf(metric, side, floor)
  return claim.kind === 'value' && changesByRatio(metric)
    ? (inChange / 100) * Math.abs(claim.threshold.value)
    : inChange
}

function changesByRatio({ change }: Metric): boolean {
  return change === 'ratio'
}
