/** The latency of each request taken apart: wait, load, prefill, decode, outside the server. */
import { orZero, type MeasuredRequests } from './measured-requests.ts'

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
  const totals = table.numbers('serverTotalMs')
  const loads = orZero(table.numbers('loadMs'))
  const prefills = orZero(table.numbers('promptEvalMs'))
  const decodes = orZero(table.numbers('evalMs'))
  const [sentAt, endAt] = [table.numbers('sentMs'), table.numbers('endMs')]
  const sums = { wait: 0, load: 0, prefill: 0, decode: 0, outside: 0 }
  let [timed, violations, worstExcessMs] = [0, 0, 0]
  for (const row of ok) {
    const total = totals[row] ?? NaN
    if (Number.isNaN(total)) continue
    const load = loads[row] ?? 0
    const prefill = prefills[row] ?? 0
    const decode = decodes[row] ?? 0
    const latency = (endAt[row] ?? NaN) - (sentAt[row] ?? NaN)
    const itemised = load + prefill + decode
    // a total that is smaller than what it consists of is taken to be as large
    const inside = Math.max(total, itemised)
    timed += 1
    sums.wait += inside - itemised
    sums.load += load
    sums.prefill += prefill
    sums.decode += decode
    sums.outside += Math.max(0, latency - inside)
    const excess = Math.max(itemised - total, total - latency)
    if (!(excess > clockGranularityMs)) continue
    violations += 1
    worstExcessMs = Math.max(worstExcessMs, excess)
  }
  if (timed === 0) return { violations, worstExcessMs }
  const means = {
    wait: sums.wait / timed,
    load: sums.load / timed,
    prefill: sums.prefill / timed,
    decode: sums.decode / timed,
    outside: sums.outside / timed,
  }
  return { means, violations, worstExcessMs }
}
