/** The latency of each request taken apart: wait, load, prefill, decode, outside the server. */
import { cells, cellsOrZero, collect, mean, type MeasuredRequests } from './measured-requests.ts'

export const latencyPartIds = ['wait', 'load', 'prefill', 'decode', 'outside'] as const
export type LatencyPartId = (typeof latencyPartIds)[number]

/** Below this, a negative remainder is the granularity of two clocks and is shown as 0. */
export const clockGranularityMs = 1

export interface LatencyParts {
  /** Mean over ok requests, in ms; together they are the mean latency. Absent where the server gives no durations. */
  readonly means?: Readonly<Record<LatencyPartId, number>>
  /** Requests whose parts exceed the whole by more than the clocks can explain. */
  readonly violations: number
  /** The largest such excess, in ms; 0 where there is none. */
  readonly worstExcessMs: number
}

export function latencyParts({ table, ok }: MeasuredRequests): LatencyParts {
  const totalOf = cells(table.numbers('serverTotalMs'))
  const timed = ok.filter((row) => !Number.isNaN(totalOf(row)))
  if (timed.length === 0) return { violations: 0, worstExcessMs: 0 }
  const loadOf = cellsOrZero(table.numbers('loadMs'))
  const prefillOf = cellsOrZero(table.numbers('promptEvalMs'))
  const decodeOf = cellsOrZero(table.numbers('evalMs'))
  const [sent, end] = [table.numbers('sentMs'), table.numbers('endMs')]
  const latencyOf = (row: number) => (end[row] ?? NaN) - (sent[row] ?? NaN)
  const itemisedOf = (row: number) => loadOf(row) + prefillOf(row) + decodeOf(row)
  // a total that is smaller than what it consists of is taken to be as large
  const insideOf = (row: number) => Math.max(totalOf(row), itemisedOf(row))
  const excess = collect(timed, (row) =>
    Math.max(itemisedOf(row) - totalOf(row), totalOf(row) - latencyOf(row)),
  )
  const average = (valueOf: (row: number) => number) => mean(collect(timed, valueOf))
  const violating = excess.filter((ms) => ms > clockGranularityMs)
  return {
    means: {
      wait: average((row) => insideOf(row) - itemisedOf(row)),
      load: average(loadOf),
      prefill: average(prefillOf),
      decode: average(decodeOf),
      outside: average((row) => Math.max(0, latencyOf(row) - insideOf(row))),
    },
    violations: violating.length,
    worstExcessMs: violating.reduce((worst, ms) => Math.max(worst, ms), 0),
  }
}
