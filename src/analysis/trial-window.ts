/**
 * The window of a trial, in which its rates count requests, and the share of each request that lies inside it. Both are
 * computed from the requests and the load, so that old and new records give the same figures.
 *
 * A rate counts each request by the share of its *service* inside the window. Service is the time during which the
 * server works on the request. Counting requests by their ends would omit those that still run when the window closes:
 * with 6 requests per user, this lowers the rate by 8 %.
 *
 * A small bias remains: all users send their first request together, so each slot serves `spread² / 2` requests more
 * than in a window at a random time. In simulations with 6 requests per slot, rates are 0.8 % too high if service times
 * spread by 30 %, and 5 % if they spread by 80 %. The bias cancels if two configs with similar spreads are compared.
 */
import { z } from 'zod'
import type { Window } from '../results/record.ts'
import type { RequestTable } from '../results/request-table.ts'
import { sorted } from '../stats/quantile.ts'
import {
  type MeasuredRequests,
  mean,
  rowsWhere,
  smallest,
  spansIn,
  largest,
  valuesIn,
} from './measured-requests.ts'

const pause = z
  .object({ meanMs: z.number(), distribution: z.enum(['constant', 'exponential']) })
  .optional()
const rampMs = z.union([z.literal('auto'), z.number()]).optional()

/** The fields of a stored load that analysis needs. */
export const storedLoad = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('closed-duration'),
    users: z.number(),
    durationMs: z.number().optional(),
    atLeast: z.number().default(0),
    atMostMs: z.number().optional(),
    rampMs,
    pause,
  }),
  z.object({
    kind: z.literal('closed-requests'),
    users: z.number(),
    requests: z.number(),
    rampMs,
    pause,
  }),
  z.object({
    kind: z.literal('open'),
    ratePerSecond: z.number(),
    durationMs: z.number().optional(),
    pause: z.undefined().optional(),
  }),
])
export type StoredLoad = Readonly<z.infer<typeof storedLoad>>

/** Times in ms on the trial's clock. */
export interface TrialWindow {
  /** When the first measured request was sent. Rates leave out the ramp, the time from then to `openMs`. */
  readonly firstSentMs: number
  readonly openMs: number
  /** Earlier than `openMs` if the load ended during the ramp. */
  readonly closeMs: number
}

/**
 * When the service of each request began, one time per row, in ms: its end minus the server's load, prefill and decode
 * times. The end is the arrival of the last byte, because the server sends the last line when the answer is complete.
 * Without these times, the whole latency counts as service.
 */
export function serviceStarts({ table }: Pick<MeasuredRequests, 'table'>): Float64Array {
  const [parts, endAt] = [partsOf(table), table.numbers('endMs')]
  return table.numbers('sentMs').map((sent, row) => {
    const service = parts[row] ?? 0
    return service > 0 ? Math.max(sent, (endAt[row] ?? NaN) - service) : sent
  })
}

/** The sum of the server's load, prefill and decode times of each request, in ms; `NaN` if one of them is not known. */
function partsOf(table: RequestTable): Float64Array {
  const [loads, prefills] = [table.numbers('loadMs'), table.numbers('promptEvalMs')]
  return table
    .numbers('evalMs')
    .map((decode, row) => decode + (prefills[row] ?? NaN) + (loads[row] ?? NaN))
}

/**
 * The window opens when the load is steady. It closes when the duration of the load is over (as `MeasuredWindow`
 * decides during the run), when the last of a fixed number of requests is sent, or earlier if the trial was stopped.
 * Undefined without measured requests.
 * @param load undefined if this program does not know its kind
 * @param stored the recorded window; used only if the load does not say when it ends
 */
export function trialWindow(
  measured: MeasuredRequests,
  starts: Float64Array,
  load: StoredLoad | undefined,
  stored: Window,
): TrialWindow | undefined {
  const { table, sent, ok } = measured
  const firstSentMs = smallest(valuesIn(sent, table.numbers('sentMs')), Infinity)
  if (firstSentMs === Infinity) return undefined
  if (load === undefined) return { firstSentMs, openMs: firstSentMs, closeMs: stored.closeMs }
  const hasRamp = ok.length > 0 && startsWithRamp(measured, starts, load)
  const serviceMs = hasRamp ? mean(spansIn(ok, starts, table.numbers('endMs'))) : 0
  const spreadUntilMs = isSpread(load) ? lastStart(measured) : firstSentMs
  const plannedMs = plannedClose(measured, load, firstSentMs) ?? stored.closeMs
  return {
    firstSentMs,
    openMs: Math.max(firstSentMs + serviceMs, spreadUntilMs),
    closeMs: Math.min(plannedMs, stoppedAt(measured)),
  }
}

/**
 * True if the load becomes steady only after a ramp as long as the mean service time. An open loop has a ramp, because
 * it starts with an idle server, and so do users who pause. A closed loop has one if users outnumber slots: some of the
 * requests that were sent before the first answer begin their service only around the time of that answer. If the
 * server reports no times, service includes the wait, so that a queue cannot be ruled out.
 */
function startsWithRamp(
  { table, sent, ok }: MeasuredRequests,
  starts: Float64Array,
  load: StoredLoad,
): boolean {
  if (load.kind === 'open' || load.pause !== undefined) return true
  if (load.users === 1) return false
  const sentAt = table.numbers('sentMs')
  const first = smallest(valuesIn(sent, sentAt), Infinity)
  const firstEnd = smallest(valuesIn(ok, table.numbers('endMs')), Infinity)
  const together = rowsWhere(ok, (row) => (sentAt[row] ?? NaN) < firstEnd)
  const parts = partsOf(table)
  return (
    together.some((row) => parts[row] === 0) ||
    largest(valuesIn(together, starts), first) > (first + firstEnd) / 2
  )
}

/** True if the users start one after another. */
function isSpread(load: StoredLoad): boolean {
  return (
    load.kind !== 'open' && (load.rampMs !== undefined || load.pause?.distribution === 'constant')
  )
}

/** When the last user sent its first measured request. */
function lastStart({ table, sent }: MeasuredRequests): number {
  const [users, sentAt] = [table.numbers('user'), table.numbers('sentMs')]
  const starts = new Map<number, number>()
  for (const row of sent) {
    const [user, at] = [users[row] ?? NaN, sentAt[row] ?? NaN]
    starts.set(user, Math.min(at, starts.get(user) ?? Infinity))
  }
  return [...starts.values()].reduce((last, at) => Math.max(last, at), -Infinity)
}

/** When the load ends according to its plan. Failed requests count like others. Undefined if the plan is not stored. */
function plannedClose(
  measured: MeasuredRequests,
  load: StoredLoad,
  firstSentMs: number,
): number | undefined {
  const { table, sent } = measured
  if (load.kind === 'closed-requests')
    return largest(valuesIn(sent, table.numbers('sentMs')), firstSentMs)
  if (load.durationMs === undefined) return undefined
  const planned = firstSentMs + load.durationMs
  if (load.kind === 'open' || load.atLeast === 0) return planned
  const ends = sorted(endsOf(measured, { cancelled: false }))
  const latest = firstSentMs + (load.atMostMs ?? load.durationMs)
  return Math.min(latest, Math.max(planned, ends[load.atLeast - 1] ?? Infinity))
}

/** When the trial was stopped early, as its cancelled requests show; `Infinity` if it was not. */
function stoppedAt(measured: MeasuredRequests): number {
  return smallest(endsOf(measured, { cancelled: true }), Infinity)
}

function endsOf({ table, sent }: MeasuredRequests, which: { cancelled: boolean }): Float64Array {
  const { codes, texts } = table.texts('outcome')
  const cancelled = texts.indexOf('cancelled')
  const rows = rowsWhere(sent, (row) => (codes[row] === cancelled) === which.cancelled)
  return valuesIn(rows, table.numbers('endMs'))
}

/** The share of a request's service that lies inside the window, 0 to 1. */
export function shareInside({ openMs, closeMs }: TrialWindow, from: number, to: number): number {
  if (from === to) return Number(from >= openMs && from < closeMs)
  return Math.max(0, Math.min(to, closeMs) - Math.max(from, openMs)) / (to - from)
}
