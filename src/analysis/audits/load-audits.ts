/** Audits of the load: whether it was the planned load, and whether the load generator kept up with it. */
import type { StoredTrial } from '../../results/store.ts'
import { quantileOf, sorted } from '../../stats/quantile.ts'
import { mean, rowsWhere, spansIn, type MeasuredRequests } from '../measured-requests.ts'
import type { MeasuredTrial } from '../measured-trial.ts'
import { latencyErrorMean, lateFigures } from '../timing-error.ts'
import type { TrialFigure } from '../trial-summary.ts'
import { longestTurnaroundMs, userTimes } from '../user-times.ts'
import { passOrFail, unchecked, type Audit } from './audit.ts'

/** Share by which the number of requests in flight may deviate from the number of users. */
const inFlightTolerance = 0.05
/** Largest acceptable share of the users' time between an answer and the next request. */
const turnaroundShare = 0.05
const latenessLimitMs = 5
const clientDelayLimitMs = 5
/** Largest acceptable share of the median latency. */
const clientDelayShare = 0.05

/**
 * Closed loop: checks that each user waits for an answer or pauses. In the window, the mean number of requests in
 * flight (failed ones included) and the mean number of users who pause must add up to the number of users. The audit
 * `turnaround` judges the time between an answer and the next request. A window that is shorter than the mean latency,
 * as with one request per user, cannot show this.
 */
export function littlesLaw(trial: MeasuredTrial): Audit | undefined {
  const { workload, window } = trial
  const load = workload?.load
  if (load === undefined || load.kind === 'open' || window === undefined) return undefined
  const windowMs = window.closeMs - window.openMs
  const cycleMs = meanLatency(trial) + (load.pause?.meanMs ?? 0)
  if (windowMs <= 0 || windowMs < cycleMs) return unchecked('littlesLaw')
  const { inFlightMs, pausedMs, turnaroundMs } = userTimes(trial, load, window)
  const { users } = load
  const occupied = (inFlightMs + pausedMs + turnaroundMs) / windowMs
  const numbers = { inFlight: inFlightMs / windowMs, users }
  return passOrFail(
    'littlesLaw',
    Math.abs(occupied / users - 1) <= inFlightTolerance,
    load.pause === undefined ? numbers : { ...numbers, pausing: pausedMs / windowMs },
  )
}

/**
 * Closed loop with short requests: checks that the load generator takes a small share of the users' time between an
 * answer and the next request. Rates are lower by this share; latencies are not affected.
 */
export function turnaround(trial: MeasuredTrial): Audit | undefined {
  const { workload, window } = trial
  const load = workload?.load
  if (load === undefined || load.kind === 'open' || window === undefined) return undefined
  const latencyMs = meanLatency(trial)
  const windowMs = window.closeMs - window.openMs
  if (windowMs <= 0 || latencyMs * turnaroundShare >= longestTurnaroundMs) return undefined
  const { turnaroundMs } = userTimes(trial, load, window)
  const share = turnaroundMs / (windowMs * load.users)
  return passOrFail('turnaround', share < turnaroundShare, {
    turnaroundPercent: share * 100,
    latencyMs,
  })
}

/** The mean latency of all measured requests, failed ones included. */
function meanLatency({ table, sent }: MeasuredRequests): number {
  return mean(spansIn(sent, table.numbers('sentMs'), table.numbers('endMs')))
}

/**
 * Checks that every request that was sent is stored, and that the counts of outcomes agree with the stored requests.
 */
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

/**
 * Checks that the load generator did not delay requests: by the mean of its estimated timing error or, in records
 * without one, by the delay of its event loop. A few late answers do not make the audit fail, because the interval of a
 * quantile includes the error of this quantile. The audit warns if the error is a large share of a figure, such as a
 * high quantile of short times.
 */
export function clientBound(
  { end }: StoredTrial,
  figures: ReadonlyMap<string, TrialFigure>,
): Audit {
  const latencyP50Ms = figures.get('latencyP50')?.value
  if (end?.client === undefined || latencyP50Ms === undefined) return unchecked('clientBound')
  const { loopDelayP99Ms, loopDelayIdleP99Ms, timing } = end.client
  const delayMs =
    timing === undefined
      ? Math.max(0, loopDelayP99Ms - loopDelayIdleP99Ms)
      : latencyErrorMean(timing)
  const numbers = {
    ...(timing === undefined ? { loopDelayMs: delayMs } : { readDelayMs: delayMs }),
    latencyP50Ms,
  }
  const late = lateFigures(figures)
  const holds = delayMs < clientDelayLimitMs && delayMs < clientDelayShare * latencyP50Ms
  if (!holds || late.length === 0) return passOrFail('clientBound', holds, numbers)
  return { id: 'clientBound', outcome: 'warn', numbers: { ...numbers, late: late.join(', ') } }
}
