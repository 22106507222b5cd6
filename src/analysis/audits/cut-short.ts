/** Whether answers were cut off by their length as often on both sides of a comparison. */
import type { TrialSummary } from '../trial-summary.ts'
import type { ConfigAudit } from './config-audits.ts'

const tolerancePoints = 1

interface Side {
  readonly key: string
  readonly ended: readonly TrialSummary[]
}

/** @param base what the config is compared with, where it is measured; without one there is nothing to differ from */
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

/** Undefined where no server said why an answer ended. */
function cutAnswers(trials: readonly TrialSummary[]) {
  const told = trials.flatMap(({ tallies }) => [...tallies.doneReasons])
  const sum = (counts: typeof told) => counts.reduce((all, [, count]) => all + count, 0)
  const whole = sum(told)
  const cut = sum(told.filter(([reason]) => reason === 'length'))
  return whole === 0 ? undefined : { cut, whole, percent: (cut / whole) * 100 }
}
