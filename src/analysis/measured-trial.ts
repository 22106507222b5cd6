/** The measured requests of a trial with derived values that several figures and audits need, each computed once. */
import { z } from 'zod'
import type { LatencyPartId } from '../metrics/catalog.ts'
import type { TrialHeader } from '../results/record.ts'
import type { StoredTrial } from '../results/store.ts'
import { quantileOf, sorted } from '../stats/quantile.ts'
import {
  measuredRequests,
  sampleColumn,
  rowsUpTo,
  rowsWhere,
  withoutLaterTurns,
  type MeasuredRequests,
} from './measured-requests.ts'
import { serviceStarts, storedLoad, trialWindow, type TrialWindow } from './trial-window.ts'

export interface MeasuredTrial extends MeasuredRequests {
  /** `undefined` if the record holds a kind of workload that this program does not know. */
  readonly workload: StoredWorkload | undefined
  /** When the service of each request began, one time per row. */
  readonly serviceStarts: Float64Array
  /** Absent if the record was cut off before its load was over, or if no measured request was sent. */
  readonly window: TrialWindow | undefined
  readonly parts: LatencyParts
  readonly repeatSpeedup: number | undefined
}

export function measuredTrial({ header, requests, window }: StoredTrial): MeasuredTrial {
  const measured = measuredRequests(requests)
  const workload = storedWorkload(header)
  const starts = serviceStarts(measured)
  return {
    ...measured,
    workload,
    serviceStarts: starts,
    window: window && trialWindow(measured, starts, workload?.load, window),
    parts: latencyParts(measured),
    repeatSpeedup: repeatSpeedup(measured, workload?.cache),
  }
}

const plannedWorkload = z.object({
  api: z.string().optional(),
  batch: z.int().positive().optional(),
  cache: z.enum(['cold', 'warm', 'as-is']).optional(),
  mix: z.array(z.object({ name: z.string() })).optional(),
  load: storedLoad,
})
type StoredWorkload = Readonly<z.infer<typeof plannedWorkload>>

/** The fields of a stored workload that analysis needs. The record keeps the workload as it was planned. */
function storedWorkload(header: TrialHeader): StoredWorkload | undefined {
  return plannedWorkload.safeParse(header.workload).data
}

/** A negative remainder up to this size is due to the granularity of two clocks, and counts as 0. */
const clockGranularityMs = 1

/** The latency of requests split into wait, load, prefill, decode and time outside the server. */
export interface LatencyParts {
  /** Means over ok requests in ms, which add up to the mean latency. Absent if the server gives no durations. */
  readonly means?: Readonly<Record<LatencyPartId, number>>
  /** Number of requests whose parts exceed the whole by more than `clockGranularityMs`. */
  readonly violations: number
  /** The largest such excess in ms; 0 without violations. */
  readonly worstExcessMs: number
}

export function latencyParts({ table, ok }: Pick<MeasuredRequests, 'table' | 'ok'>): LatencyParts {
  const totals = table.numbers('serverTotalMs')
  const [loads, prefills] = [table.numbers('loadMs'), table.numbers('promptEvalMs')]
  const decodes = table.numbers('evalMs')
  const [sentAt, endAt] = [table.numbers('sentMs'), table.numbers('endMs')]
  const sums = { wait: 0, load: 0, prefill: 0, decode: 0, outside: 0 }
  let [splitRequests, violations, worstExcessMs] = [0, 0, 0]
  for (const row of ok) {
    const total = totals[row] ?? NaN
    const load = loads[row] ?? NaN
    const prefill = prefills[row] ?? NaN
    const decode = decodes[row] ?? NaN
    if (Number.isNaN(total + load + prefill + decode)) continue
    const latency = (endAt[row] ?? NaN) - (sentAt[row] ?? NaN)
    const itemised = load + prefill + decode
    // a total below the sum of its items is raised to that sum
    const inside = Math.max(total, itemised)
    splitRequests += 1
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
  if (splitRequests === 0) return { violations, worstExcessMs }
  const means = {
    wait: sums.wait / splitRequests,
    load: sums.load / splitRequests,
    prefill: sums.prefill / splitRequests,
    decode: sums.decode / splitRequests,
    outside: sums.outside / splitRequests,
  }
  return { means, violations, worstExcessMs }
}

/** Prefill times of one sample in ms: of its first request, and summed over all of its requests. */
interface PrefillTimes {
  firstSent: number
  first: number
  total: number
  n: number
}

/**
 * How many times longer prefill takes in a sample's first request than in later requests: the median over samples.
 * `undefined` if no sample was requested again. Includes warm-up requests, except with cold caches, because then all
 * prompts differ.
 */
function repeatSpeedup(
  measured: MeasuredRequests,
  cache: StoredWorkload['cache'],
): number | undefined {
  const { table } = measured
  const outcomes = table.texts('outcome')
  const isOk = (row: number) => outcomes.texts[outcomes.codes[row] ?? -1] === 'ok'
  const ok =
    cache === 'cold'
      ? withoutLaterTurns(measured.ok, table)
      : rowsWhere(rowsUpTo(table.length), isOk)
  const { codes } = sampleColumn(table)
  const [prefills, sentAt] = [table.numbers('promptEvalMs'), table.numbers('sentMs')]
  const bySample = new Map<number, PrefillTimes>()
  for (const row of ok) {
    const code = codes[row] ?? NaN
    const times = bySample.get(code) ?? { firstSent: Infinity, first: 0, total: 0, n: 0 }
    bySample.set(code, times)
    const [prefill, sent] = [prefills[row] ?? NaN, sentAt[row] ?? NaN]
    times.total += prefill
    times.n += 1
    if (sent >= times.firstSent) continue
    times.firstSent = sent
    times.first = prefill
  }
  const ratios = [...bySample.values()].flatMap(({ first, total, n }) => {
    const ratio = first / ((total - first) / (n - 1))
    return n > 1 && Number.isFinite(ratio) ? [ratio] : []
  })
  return ratios.length === 0 ? undefined : quantileOf(sorted(ratios), 0.5)
}
