/** The figures of the turns of conversations over all trials of a config. */
import { metricById } from '../metrics/catalog.ts'
import type { ConfigAnalysis } from './analysis.ts'
import { measuredFigure } from './config-figures.ts'
import { sum } from './measured-requests.ts'
import type { TrialSummary } from './trial-summary.ts'
import { turnMetrics } from './turn-figures.ts'
import type { TurnAnalysis } from './turn.ts'

/** @param ended the trials that ended */
export function turnsOf(ended: readonly TrialSummary[]): Pick<ConfigAnalysis, 'turns'> {
  const numbers = new Set(ended.flatMap(({ turns }) => [...(turns?.keys() ?? [])]))
  if (numbers.size === 0) return {}
  return { turns: [...numbers].toSorted((a, b) => a - b).map((number) => turnOf(number, ended)) }
}

function turnOf(number: number, ended: readonly TrialSummary[]): TurnAnalysis {
  const ofTurn = ended.map((trial) => ({
    ...trial,
    figures: trial.turns?.get(number)?.figures ?? new Map<string, never>(),
  }))
  const figures = new Map(
    turnMetrics.flatMap((id) => {
      const metric = metricById(id)
      return metric === undefined ? [] : [[id, measuredFigure(metric, ofTurn)] as const]
    }),
  )
  const known = ended.flatMap(({ turns }) => turns?.get(number)?.cached ?? [])
  if (known.length === 0) return { number, figures }
  const cached = {
    promptTokens: sum(known.map((each) => each.promptTokens)),
    cachedTokens: sum(known.map((each) => each.cachedTokens)),
    requests: sum(known.map((each) => each.requests)),
  }
  return { number, figures, cached }
}
