/** The figures of the turns of conversations in one trial, each from its own requests. */
import type { Objective } from '../experiment/threshold.ts'
import type { MetricId } from '../metrics/catalog.ts'
import type { StoredTrial } from '../results/store.ts'
import { rowsWhere, sumIn } from './measured-requests.ts'
import { latencyParts, type MeasuredTrial } from './measured-trial.ts'
import { trialFigures } from './trial-figures.ts'
import type { TrialTurn } from './trial-summary.ts'

/** The metrics that a turn has, in the order of their columns. */
export const turnMetrics: readonly MetricId[] = [
  'requests',
  'ttftMean',
  'latencyMean',
  'prefill',
  'promptTokens',
]

/** By the number of the turn, ascending; empty without conversations. */
export function turnFigures(
  trial: StoredTrial,
  measured: MeasuredTrial,
  objectives: readonly Objective[],
): ReadonlyMap<number, TrialTurn> {
  const { table, sent, ok } = measured
  const turns = table.numbers('turn')
  const numbers = new Set<number>()
  for (const row of sent) if ((turns[row] ?? NaN) > 0) numbers.add(turns[row] ?? NaN)
  const [promptTokens, cachedTokens] = [
    table.numbers('promptTokens'),
    table.numbers('cachedTokens'),
  ]
  // A server that reports cache hits leaves out zeros, so only a request with hits shows that it reports them.
  const isReported = sumIn(ok, cachedTokens) > 0
  return new Map(
    [...numbers]
      .toSorted((a, b) => a - b)
      .map((number) => {
        const isOfTurn = (row: number) => turns[row] === number
        const own = { table, sent: rowsWhere(sent, isOfTurn), ok: rowsWhere(ok, isOfTurn) }
        const all = trialFigures(
          trial,
          { ...measured, ...own, parts: latencyParts(own) },
          objectives,
        )
        const figures = new Map(
          turnMetrics.flatMap((id) => {
            const figure = all.get(id)
            return figure === undefined ? [] : [[id, figure] as const]
          }),
        )
        const cached = {
          promptTokens: sumIn(own.ok, promptTokens),
          cachedTokens: sumIn(own.ok, cachedTokens),
          requests: own.ok.length,
        }
        return [number, { figures, ...(isReported && { cached }) }] as const
      }),
  )
}
