/** Audits of the load: whether it was the planned load, and whether the load generator kept up with it. */
import type { StoredTrial } from '../../results/store.ts'
import { quantileOf, sorted } from '../../stats/quantile.ts'
import { rowsWhere, spansIn, type MeasuredRequests } from '../measured-requests.ts'
import type { MeasuredTrial } from '../measured-trial.ts'
import { passOrFail, unchecked, type Audit } from './audit.ts'

/** Share by which the number of requests in flight may deviate from the number of users. */
const inFlightTolerance = 0.05
const latenessLimitMs = 5
const loopDelayLimitMs = 5
/** Largest acceptable share of the median latency. */
const loopDelayShare = 0.05

/**
 * Closed loop: checks that the mean number of requests in flight in the window, failed ones included, equals the users.
 * A window that is shorter than the mean latency, as with one request per user, cannot show this.
 */
export function littlesLaw({ table, sent, workload, window }: MeasuredTrial): Audit | undefined {
  const load = workload?.load
  if (load === undefined || load.kind === 'open' || window === undefined) return undefined
  const { openMs, closeMs } = window
  if (closeMs <= openMs) return unchecked('littlesLaw')
  const [sentAt, endAt] = [table.numbers('sentMs'), table.numbers('endMs')]
  let [busyMs, totalMs] = [0, 0]
  for (const row of sent) {
    const [from, to] = [sentAt[row] ?? NaN, endAt[row] ?? NaN]
    totalMs += to - from
    busyMs += Math.max(0, Math.min(to, closeMs) - Math.max(from, openMs))
  }
  if (closeMs - openMs < totalMs / sent.length) return unchecked('littlesLaw')
  const inFlight = busyMs / (closeMs - openMs)
  const { users } = load
  return passOrFail('littlesLaw', Math.abs(inFlight / users - 1) <= inFlightTolerance, {
    inFlight,
    users,
  })
}

/** Checks that every request that was sent is stored, and that the counts of outcomes agree with the stored requests. */
export function counts({ end }: StoredTrial, { table, sent, ok }: MeasuredRequests): Audit {
  if (end === undefined) return unchecked('counts')
  const outcomes = table.texts('outcome')
  const cancelledCode = outcomes.texts.indexOf('cancelled')
  const cancelled = rowsWhere(sent, (row) => outcomes.codes[row] === cancelledCode).length
  const failed = sent.length - ok.length - cancelled
  const { planned = end.counts.sent, ...counted } = end.counts
  const holds =
    counted.sent === sent.length &&
    counted.ok === ok.length &&
    counted.failed === failed &&
    counted.cancelled === cancelled &&
    planned === counted.sent
  return passOrFail('counts', holds, { ...counted, planned, stored: sent.length })
}

/** Open loop: checks that each request was sent when it was scheduled, and that none was dropped. */
export function achievedLoad(
  { end }: StoredTrial,
  { table, sent, workload }: MeasuredTrial,
): Audit | undefined {
  if (workload?.load.kind !== 'open') return undefined
  const lateness = spansIn(sent, table.numbers('scheduledMs'), table.numbers('sentMs'))
  if (lateness.length === 0) return unchecked('achievedLoad')
  const latenessP99Ms = quantileOf(sorted(lateness), 0.99)
  const dropped = Math.max(0, (end?.counts.planned ?? sent.length) - sent.length)
  return passOrFail('achievedLoad', latenessP99Ms < latenessLimitMs && dropped === 0, {
    latenessP99Ms,
    dropped,
  })
}

/** Checks that the event loop of the load generator did not delay requests. */
export function clientBound({ end }: StoredTrial, latencyP50Ms: number | undefined): Audit {
  if (end?.client === undefined || latencyP50Ms === undefined) return unchecked('clientBound')
  const { loopDelayP99Ms, loopDelayIdleP99Ms } = end.client
  const loopDelayMs = Math.max(0, loopDelayP99Ms - loopDelayIdleP99Ms)
  return passOrFail(
    'clientBound',
    loopDelayMs < loopDelayLimitMs && loopDelayMs < loopDelayShare * latencyP50Ms,
    { loopDelayMs, latencyP50Ms },
  )
}
