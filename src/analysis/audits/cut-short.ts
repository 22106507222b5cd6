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
  const own = cutAnswers(ended)
  if (own === undefined) return undefined
  const other = base && cutAnswers(base.ended)
  const numbers = {
    ...own,
    ...(base && other ? { base: base.key, basePercent: other.percent } : {}),
  }
  const alike = other === undefined || Math.abs(own.percent - other.percent) <= tolerancePoints
  const rounds = ended.map(({ header }) => header.round)
  const outcome = alike ? 'pass' : 'fail'
  return {
    id: 'cutShort',
    outcome,
    numbers,
    checked: rounds.length,
    found: alike ? 0 : rounds.length,
    rounds: rounds.map((round) => ({ id: 'cutShort', round, outcome, numbers })),
  }
}

function cutAnswers(trials: readonly TrialSummary[]) {
  let [cut, whole] = [0, 0]
  for (const { tallies } of trials) {
    cut += tallies.doneReasons.get('length') ?? 0
    whole += tallies.ok
  }
  return whole === 0 ? undefined : { cut, whole, percent: (cut / whole) * 100 }
}
