/** Audits whether both sides of a comparison have the same share of answers that were cut off at a length limit. */
import type { TrialSummary } from '../trial-summary.ts'
import type { ConfigAudit } from './audit.ts'

const tolerancePoints = 1

interface Side {
  readonly key: string
  readonly ended: readonly TrialSummary[]
}

/** @param base the measured config it is compared with; without one, the audit passes */
export function cutShort({ ended }: Side, base: Side | undefined): ConfigAudit | undefined {
  if (ended.length === 0) return undefined
  const own = cutAnswers(ended)
  const other = base && cutAnswers(base.ended)
  const isKnown = own !== undefined && (base === undefined || other !== undefined)
  const numbers = {
    ...own,
    ...(base && other ? { base: base.key, basePercent: other.percent } : {}),
  }
  const alike =
    other === undefined || Math.abs((own?.percent ?? 0) - other.percent) <= tolerancePoints
  const rounds = ended.map(({ header }) => header.round)
  const outcome = !isKnown ? 'unchecked' : alike ? 'pass' : 'fail'
  return {
    id: 'cutShort',
    outcome,
    numbers,
    checked: isKnown ? rounds.length : 0,
    found: outcome === 'fail' ? rounds.length : 0,
    rounds: rounds.map((round) => ({ id: 'cutShort', round, outcome, numbers })),
  }
}

/** `undefined` if no server reported why answers ended. */
function cutAnswers(trials: readonly TrialSummary[]) {
  const reasons = trials.flatMap(({ tallies }) => [...tallies.doneReasons])
  const sum = (counts: typeof reasons) => counts.reduce((all, [, count]) => all + count, 0)
  const whole = sum(reasons)
  const cut = sum(reasons.filter(([reason]) => reason === 'length'))
  return whole === 0 ? undefined : { cut, whole, percent: (cut / whole) * 100 }
}
