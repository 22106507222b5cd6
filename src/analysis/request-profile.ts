/** Data about single requests that diagnosis needs: loads of the model, idle times, the longest prompt, streaming. */
import type { StoredTrial } from '../results/store.ts'
import {
  largest,
  mean,
  rowsUpTo,
  rowsWhere,
  smallest,
  spansIn,
  sum,
  valuesIn,
  type MeasuredRequests,
} from './measured-requests.ts'
import type { MeasuredTrial } from './measured-trial.ts'
import { quantileOf, sorted } from '../stats/quantile.ts'

export interface RequestProfile {
  readonly loads: LoadProfile
  /** The longest time without a request in flight before a measured request, in ms. 0 if there was none. */
  readonly longestIdleMs: number
  /**
   * The largest `prompt_eval_count`, and the number of ok requests with this count. Absent if the server gives none.
   */
  readonly longestPrompt?: { readonly tokens: number; readonly requests: number }
  /**
   * How many times faster prefill is in a sample's later requests than in its first one: the median over samples.
   * Absent if no sample repeats.
   */
  readonly repeatSpeedup?: number
  /** Hits of the prompt cache according to the server's log, warm-up included. Absent if the log does not say. */
  readonly loggedCache?: CacheHits
  /** Time from the first byte to the last, mean over ok requests in ms. Absent without first bytes. */
  readonly streamMs?: number
}

export interface CacheHits {
  readonly requests: number
  readonly promptTokens: number
  /** The prompt tokens that came from the cache. */
  readonly cachedTokens: number
}

/** Requests of the measured phase that waited until the model was loaded. */
export interface LoadProfile {
  /** Number of loads after the server was ready, according to its log, warm-up included. Absent without a log. */
  readonly logged?: number
  /** Number of ok requests whose load time is known. */
  readonly timed: number
  /** Number of these requests that waited for a load. */
  readonly requests: number
  /** Number of requests that waited and were sent before any other request had ended. */
  readonly atStart: number
  /** Sum and maximum of their load times in ms; 0 without such requests. */
  readonly ms: number
  readonly longestMs: number
  /** Mean load time of the other requests in ms. Absent if all waited. */
  readonly otherMs?: number
  /** True if the load times of ok requests are similar, so that they are a cost of every request. */
  readonly isSimilarForAll: boolean
  /** Shortest idle time before a request that waited and was not at the start. Absent without such requests. */
  readonly minIdleMs?: number
}

/**
 * A request with a shorter load time did not wait for a load, even if the log shows a load: another request caused
 * that.
 */
const minLoggedLoadMs = 10
/**
 * Without a log, a request with a shorter load time did not wait for a load: even if the model is loaded, servers
 * report up to 150 ms.
 */
const minUnloggedLoadMs = 300
/** Without a log, a load takes at least this many times the median load time. */
const minTimesOthers = 5
/** If half of the requests have a load time above this, every request above this waited for a load. */
const surelyLoadMs = 1000
/** Load times count as similar if they differ by at most this many ms. */
const evenMs = 100

export function requestProfile(trial: StoredTrial, measured: MeasuredTrial): RequestProfile {
  const { table, ok, repeatSpeedup } = measured
  const idle = idleBefore(measured)
  const prompts = valuesIn(ok, table.numbers('promptTokens'))
  const tokens = largest(prompts, 0)
  const streams = spansIn(ok, table.numbers('firstByteMs'), table.numbers('endMs'))
  return {
    loads: loadProfile(trial, measured, idle),
    longestIdleMs: largest(valuesIn(measured.sent, idle), 0),
    ...(prompts.length === 0
      ? {}
      : {
          longestPrompt: { tokens, requests: prompts.filter((count) => count === tokens).length },
        }),
    ...(repeatSpeedup === undefined ? {} : { repeatSpeedup }),
    ...loggedCache(trial),
    ...(streams.length === 0 ? {} : { streamMs: mean(streams) }),
  }
}

/**
 * Empty if the log does not say. Also empty if more tokens came from the cache than this trial sent, because then other
 * clients used the cache, too.
 */
function loggedCache({
  evidence,
  requests,
}: StoredTrial): Pick<RequestProfile, 'loggedCache'> | undefined {
  const logs = evidence.filter(({ facts }) => facts.loadCount !== undefined)
  const after = logs.findLast(({ facts }) => facts.cachedTokens !== undefined)
  if (after === undefined) return undefined
  // Before the first request, the log does not show yet whether the server reports cache hits.
  const before = logs[0]?.facts.cachedTokens ?? 0
  const cachedTokens = Number(after.facts.cachedTokens) - Number(before)
  const prompts = valuesIn(rowsUpTo(requests.length), requests.numbers('promptTokens'))
  const promptTokens = sum(prompts)
  if (prompts.length === 0 || cachedTokens > promptTokens) return undefined
  return { loggedCache: { requests: prompts.length, promptTokens, cachedTokens } }
}

/**
 * How long the server was idle before each request was sent, in ms, one value per row, warm-up included. 0 for the
 * first request. The server is idle while all requests that were sent have ended.
 */
function idleBefore({ table }: MeasuredRequests): Float64Array {
  const sentAt = table.numbers('sentMs')
  const [starts, ends] = [sentAt.toSorted(), table.numbers('endMs').toSorted()]
  return sentAt.map((sent) => Math.max(0, sent - (ends[countBelow(sent, starts) - 1] ?? sent)))
}

/** Number of values below `limit`, by binary search. */
function countBelow(limit: number, ascending: Float64Array): number {
  let [low, high] = [0, ascending.length]
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((ascending[middle] ?? NaN) < limit) low = middle + 1
    else high = middle
  }
  return low
}

function loadProfile(
  { evidence }: StoredTrial,
  { table, ok }: MeasuredRequests,
  idle: Float64Array,
): LoadProfile {
  const logged = loggedLoads(evidence)
  const loads = table.numbers('loadMs')
  const minMs = minLoadWaitMs(
    loads.filter((load) => !Number.isNaN(load)),
    logged,
  )
  const sentAt = table.numbers('sentMs')
  const firstEnd = smallest(table.numbers('endMs'), Infinity)
  const timed = rowsWhere(ok, (row) => !Number.isNaN(loads[row]))
  const waited = rowsWhere(timed, (row) => (loads[row] ?? NaN) >= minMs)
  const others = rowsWhere(timed, (row) => (loads[row] ?? NaN) < minMs)
  const later = rowsWhere(waited, (row) => (sentAt[row] ?? NaN) >= firstEnd)
  const waits = valuesIn(waited, loads)
  return {
    ...(logged === undefined ? {} : { logged }),
    timed: timed.length,
    requests: waited.length,
    atStart: waited.length - later.length,
    ms: sum(waits),
    longestMs: largest(waits, 0),
    isSimilarForAll: areSimilar(valuesIn(timed, loads)),
    ...(others.length === 0 ? {} : { otherMs: mean(valuesIn(others, loads)) }),
    ...(later.length === 0
      ? {}
      : {
          minIdleMs: smallest(valuesIn(later, idle), Infinity),
        }),
  }
}

/** Loads after the server was ready, according to its log; undefined without a log. */
export function loggedLoads(evidence: StoredTrial['evidence']): number | undefined {
  const counts = evidence.flatMap(({ facts }) =>
    typeof facts.loadCount === 'number' ? [facts.loadCount] : [],
  )
  return counts.length === 0 ? undefined : Math.max(...counts) - (counts[0] ?? 0)
}

/** The rows of ok requests that waited for a load. @param logged the number of loads in the log */
export function waitedForLoad(
  { table, ok }: Pick<MeasuredRequests, 'table' | 'ok'>,
  logged: number | undefined,
): Uint32Array {
  const loads = table.numbers('loadMs')
  const minMs = minLoadWaitMs(
    loads.filter((load) => !Number.isNaN(load)),
    logged,
  )
  return rowsWhere(ok, (row) => (loads[row] ?? NaN) >= minMs)
}

/**
 * The minimum load time of a request that waited for a load. If the log shows n loads, it is half of the n-th longest
 * load time, because other requests wait for a part of the same load. Without a log, see `minColdLoadMs`.
 */
function minLoadWaitMs(loads: Float64Array, logged: number | undefined): number {
  if (logged === undefined) return minColdLoadMs(loads)
  if (logged === 0 || loads.length === 0) return Infinity
  const longestFirst = loads.toSorted().reverse()
  const last = longestFirst[Math.min(logged, longestFirst.length) - 1] ?? 0
  return Math.max(minLoggedLoadMs, last / 2)
}

/**
 * The minimum load time of a request that waited for a load, judged by the load times of its trial alone.
 * @param loads load times in ms; may be empty
 */
export function minColdLoadMs(loads: Float64Array): number {
  if (loads.length === 0) return Infinity
  const median = quantileOf(sorted(loads), 0.5)
  return median > surelyLoadMs ? surelyLoadMs : Math.max(minUnloggedLoadMs, minTimesOthers * median)
}

/**
 * True if the load times of all requests are similar: they are then a cost of every request, not of loads that some
 * waited for.
 */
function areSimilar(loads: Float64Array): boolean {
  if (loads.length === 0) return true
  const ascending = sorted(loads)
  const [low, high] = [quantileOf(ascending, 0.1), quantileOf(ascending, 0.9)]
  return high - low <= evenMs || high <= minTimesOthers * low
}
