/** Simulates a trial against a healthy server: a closed or an open loop over parallel slots, from a seed. */
import type { Evidence, RequestRecord, TrialEnd, TrialHeader } from '../../src/results/record.ts'
import type { StoredTrial } from '../../src/results/store.ts'
import type { Pause } from '../../src/experiment/load.ts'
import { pauseLength } from '../../src/load/loops.ts'
import { RequestTable } from '../../src/results/request-table.ts'
import { endOf, headerOf } from '../results/sample-trial.ts'
import { seededNormal, seededRandom } from '../support/random.ts'

export interface Simulation {
  readonly seed?: number
  readonly users?: number
  /** Number of requests that the server processes at once; the others wait. */
  readonly slots?: number
  readonly windowMs?: number
  /** Closed loop with this number of requests in place of a duration. */
  readonly requests?: number
  /** Closed loop whose users pause between their requests, spread over one pause at the start. */
  readonly pause?: Pause
  /** Open loop with Poisson arrivals, in place of users. */
  readonly ratePerSecond?: number
  /** Time of one request on an idle server, before noise. */
  readonly prefillMs?: number
  readonly decodeMs?: number
  readonly outputTokens?: number
  readonly samples?: number
  /** Spread between requests, 0.1 for 10 %. */
  readonly noise?: number
  /** Factor on all service times of this trial. */
  readonly pace?: number
  /** Factor on the decode time of each request. @param progress 0 at the start of the window, 1 at its end */
  readonly decodePace?: (progress: number) => number
  readonly header?: Partial<TrialHeader>
  readonly end?: Partial<TrialEnd>
  /** True if the record lacks the health of the load generator. */
  readonly unwatched?: boolean
  readonly evidence?: readonly Evidence[]
  /** What the load generator takes between an answer and the next request. Default: 0.3. */
  readonly betweenMs?: number
  /** Changes each request before it is stored. */
  readonly alter?: (request: RequestRecord) => RequestRecord
}

export function simulateTrial({
  seed = 1,
  users = 3,
  slots = 3,
  windowMs = 20_000,
  requests: plannedRequests,
  pause,
  ratePerSecond,
  prefillMs = 40,
  decodeMs = 160,
  outputTokens = 14,
  samples = 40,
  noise = 0.1,
  pace = 1,
  decodePace = () => 1,
  header = {},
  end = {},
  unwatched = false,
  evidence = [],
  alter = (request) => request,
  betweenMs = 0.3,
}: Simulation = {}): StoredTrial {
  const normal = seededNormal(seed)
  const random = seededRandom(-seed)
  const service = (ms: number) => ms * pace * Math.exp(noise * normal())
  const zero = 500
  const firstPause = (user: number) => {
    if (pause?.distribution === 'exponential') return pauseLength(pause, random)
    return ((pause?.meanMs ?? 0) * user) / users
  }
  const userFree = Array.from({ length: users }, (_, user) => zero + user * 0.2 + firstPause(user))
  const openMs = Math.min(...userFree)
  const closeMs = openMs + windowMs
  const pausedMs = new Map<number, number>()
  const slotFree = Array.from({ length: slots }, () => 0)
  const requests: RequestRecord[] = []
  let arrivalMs = zero
  for (let index = 0; ; index++) {
    const user = ratePerSecond === undefined ? userFree.indexOf(Math.min(...userFree)) : 0
    const sentMs = ratePerSecond === undefined ? (userFree[user] ?? 0) : arrivalMs
    if (plannedRequests === undefined ? sentMs >= closeMs : index >= plannedRequests) break
    if (ratePerSecond !== undefined) arrivalMs -= (Math.log(1 - random()) / ratePerSecond) * 1000
    const slot = slotFree.indexOf(Math.min(...slotFree))
    const startMs = Math.max(sentMs + 0.5, slotFree[slot] ?? 0)
    const [load, prefill] = [service(2), service(prefillMs)]
    const decode = service(decodeMs) * decodePace((startMs - zero) / windowMs)
    const doneMs = startMs + load + prefill + decode
    slotFree[slot] = doneMs
    const endMs = doneMs + service(1.5)
    const request = alter({
      type: 'request',
      index,
      sample: `c${index % samples}`,
      user,
      phase: 'measured',
      ...(pausedMs.has(user) ? { pauseMs: pausedMs.get(user) } : {}),
      sentMs,
      firstByteMs: startMs + load + prefill + 0.1,
      firstContentMs: startMs + load + prefill + 0.1,
      longestGapMs: decode / outputTokens,
      endMs,
      outcome: 'ok',
      httpStatus: 200,
      promptTokens: 107,
      outputTokens,
      serverTotalMs: doneMs - sentMs - 0.4,
      loadMs: load,
      promptEvalMs: prefill,
      evalMs: decode,
      doneReason: 'stop',
      scores: { 类别准确性: index % samples < samples * 0.725 ? 1 : 0 },
      promptDigest: `p${index % samples}`,
    })
    requests.push(request)
    // A user whose answer comes later sends the next request later.
    const pauseMs = pause === undefined ? 0 : pauseLength(pause, random)
    if (pause !== undefined) pausedMs.set(user, pauseMs)
    userFree[user] =
      endMs + betweenMs + pauseMs + Math.max(0, request.endMs - request.sentMs - (endMs - sentMs))
  }
  const table = new RequestTable()
  for (const request of requests.toSorted((one, other) => one.endMs - other.endMs))
    table.push(request)
  const ok = requests.filter(({ outcome }) => outcome === 'ok').length
  const sent = requests.length
  const { run = '20250808T142103Z-3f9a', config = 'native', round = 1 } = header
  return {
    file: `${run}-${config}-r${round}.jsonl`,
    digest: `sha256:${'e'.repeat(64)}`,
    header: headerOf({
      workload: {
        cache: 'cold',
        load:
          ratePerSecond !== undefined
            ? { kind: 'open', ratePerSecond, durationMs: windowMs }
            : plannedRequests !== undefined
              ? { kind: 'closed-requests', users, requests: plannedRequests, pause }
              : { kind: 'closed-duration', users, durationMs: windowMs, pause },
      },
      ...header,
    }),
    evidence,
    window: { type: 'window', openMs, closeMs },
    requests: table,
    end: endOf({
      counts: { sent, ok, failed: sent - ok, cancelled: 0 },
      ...(unwatched
        ? {}
        : { client: { loopDelayP99Ms: 1.4, loopDelayIdleP99Ms: 1.1, cpuMs: 300 } }),
      ...end,
    }),
    truncated: false,
  }
}
