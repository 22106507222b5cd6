/** Whether the load was the one that was planned, and whether the load generator kept up with it. */
import { quantiles } from '../../stats/quantile.ts'
import type { StoredTrial } from '../../results/stored-trial.ts'
import {
  largest,
  rowsWhere,
  spansIn,
  valuesIn,
  type MeasuredRequests,
} from '../measured-requests.ts'
import type { MeasuredTrial } from '../measured-trial.ts'
import { passOrFail, unchecked, type Audit } from './audit.ts'

/** Requests in flight may miss the users by this share. */
const inFlightTolerance = 0.05
const latenessLimitMs = 5
const loopDelayLimitMs = 5
/** Of the median latency. */
const loopDelayShare = 0.05

/** Closed loop: requests in flight, integrated over the time in which users send, are the users. */
export function littlesLaw(
  trial: StoredTrial,
  { table, sent, workload }: MeasuredTrial,
): Audit | undefined {
  const load = workload?.load
  if (load === undefined || load.kind === 'open' || trial.window === undefined) return undefined
  const [sentAt, endAt] = [table.numbers('sentMs'), table.numbers('endMs')]
  const { openMs } = trial.window
  // A fixed number of requests runs out: after the last was sent, users are idle by design.
  const closeMs =
    load.kind === 'closed-requests' ? largest(valuesIn(sent, sentAt), openMs) : trial.window.closeMs
  if (closeMs <= openMs) return unchecked('littlesLaw')
  let busyMs = 0
  for (const row of sent) {
    const [from, to] = [sentAt[row] ?? NaN, endAt[row] ?? NaN]
    busyMs += Math.max(0, Math.min(to, closeMs) - Math.max(from, openMs))
  }
  const inFlight = busyMs / (closeMs - openMs)
  const { users } = load
  return passOrFail('littlesLaw', Math.abs(inFlight / users - 1) <= inFlightTolerance, {
    inFlight,
    users,
  })
}

/** Every request that was sent is stored, and each of them ended one way. */
export function counts({ end }: StoredTrial, { table, sent, ok }: MeasuredRequests): Audit {
  if (end === undefined) return unchecked('counts')
  const outcomes = table.texts('outcome')
  const cancelledCode = outcomes.texts.indexOf('cancelled')
  const cancelled = rowsWhere(sent, (row) => outcomes.codes[row] === cancelledCode).length
  const failed = sent.length - ok.length - cancelled
  const { planned = end.counts.sent, ...told } = end.counts
  const holds =
    told.sent === sent.length &&
    told.ok === ok.length &&
    told.failed === failed &&
    told.cancelled === cancelled &&
    planned === told.sent
  return passOrFail('counts', holds, { ...told, planned, stored: sent.length })
}

/** Open loop: each request left when the schedule said, and none was left out. */
export function achievedLoad(
  { end }: StoredTrial,
  { table, sent, workload }: MeasuredTrial,
): Audit | undefined {
  if (workload?.load.kind !== 'open') return undefined
  const lateness = spansIn(sent, table.numbers('scheduledMs'), table.numbers('sentMs'))
  if (lateness.length === 0) return unchecked('achievedLoad')
  const [latenessP99Ms = NaN] = quantiles(lateness, [0.99])
  const dropped = Math.max(0, (end?.counts.planned ?? sent.length) - sent.length)
  return passOrFail('achievedLoad', latenessP99Ms < latenessLimitMs && dropped === 0, {
    latenessP99Ms,
    dropped,
  })
}

/** The load generator's own event loop was never what requests waited for. */
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
