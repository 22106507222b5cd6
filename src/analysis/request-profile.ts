/** What only single requests show and diagnosis asks for: who waited for a load, how idle the server was, how pieces came. */
import type { StoredTrial } from '../results/stored-trial.ts'
import {
  largest,
  mean,
  orZero,
  rowsWhere,
  smallest,
  spansIn,
  sum,
  valuesIn,
  type MeasuredRequests,
} from './measured-requests.ts'
import type { MeasuredTrial } from './measured-trial.ts'

export interface RequestProfile {
  readonly loads: LoadProfile
  /** Longest time without any request in flight before a measured one was sent, in ms; 0 where there was none. */
  readonly longestIdleMs: number
  /** The largest `prompt_eval_count`, and how many ok requests had exactly it. Absent where the server gives none. */
  readonly longestPrompt?: { readonly tokens: number; readonly requests: number }
  /** Prefill of a sample's first asking over the mean of its later ones: the median over samples. Absent without repeats. */
  readonly prefillCollapse?: number
  /** From the first byte to the last, mean over ok requests in ms; absent where no first byte was seen. */
  readonly streamMs?: number
}

/** Requests of the measured phase that waited for the model to be loaded. */
export interface LoadProfile {
  /** Loads after the server was ready that its log proves, warm-up included; absent where no log was read. */
  readonly logged?: number
  /** Ok requests that waited for one. */
  readonly requests: number
  /** Those of them that were sent before any other request had ended. */
  readonly atStart: number
  /** Their load time together, and the longest, in ms; 0 where there are none. */
  readonly ms: number
  readonly longestMs: number
  /** Mean load time of the others, in ms; absent where there are none. */
  readonly otherMs?: number
  /** The shortest time without a request in flight before one that was not at the start; absent where there is none. */
  readonly minIdleMs?: number
}

/** A load that no log proves must take so long, and so many times the median. */
const unprovenLoadMs = 1000
const timesMedian = 5
/** Below this nobody waited, whatever the log says: the load was another's. */
const minLoadMs = 10

export function requestProfile(trial: StoredTrial, measured: MeasuredTrial): RequestProfile {
  const { table, ok, prefillCollapse } = measured
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
    ...(prefillCollapse === undefined ? {} : { prefillCollapse }),
    ...(streams.length === 0 ? {} : { streamMs: mean(streams) }),
  }
}

/**
 * By row: for how long nothing was in flight when it was sent, warm-up included; 0 for the first of all. The n
 * requests sent before it have all ended where the n-th end of all lies before its start, and that was the last.
 */
function idleBefore({ table }: MeasuredRequests): Float64Array {
  const sentAt = table.numbers('sentMs')
  const [starts, ends] = [sentAt.toSorted(), table.numbers('endMs').toSorted()]
  return sentAt.map((sent) => Math.max(0, sent - (ends[countBelow(sent, starts) - 1] ?? sent)))
}

/** How many of these values, in ascending order, are less than `limit`. */
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
  const counts = evidence.flatMap(({ facts }) =>
    typeof facts.loadCount === 'number' ? [facts.loadCount] : [],
  )
  const logged = counts.length === 0 ? undefined : Math.max(...counts) - (counts[0] ?? 0)
  const loads = orZero(table.numbers('loadMs'))
  const least = minLoadWaitMs(loads, logged)
  const sentAt = table.numbers('sentMs')
  const firstEnd = smallest(table.numbers('endMs'), Infinity)
  const hasWaited = (row: number) => (loads[row] ?? 0) >= least
  const waited = rowsWhere(ok, hasWaited)
  const others = rowsWhere(ok, (row) => !hasWaited(row))
  const later = rowsWhere(waited, (row) => (sentAt[row] ?? NaN) >= firstEnd)
  const waits = valuesIn(waited, loads)
  return {
    ...(logged === undefined ? {} : { logged }),
    requests: waited.length,
    atStart: waited.length - later.length,
    ms: sum(waits),
    longestMs: largest(waits, 0),
    ...(others.length === 0 ? {} : { otherMs: mean(valuesIn(others, loads)) }),
    ...(later.length === 0
      ? {}
      : {
          minIdleMs: smallest(valuesIn(later, idle), Infinity),
        }),
  }
}

/**
 * The load time from which on a request waited for a load. Where the log counts the loads, the longest so many
 * are those, and the ones that waited with them half as long; else it takes a second and five times the median.
 */
function minLoadWaitMs(loads: Float64Array, logged: number | undefined): number {
  const longestFirst = loads.toSorted().reverse()
  if (logged === 0 || longestFirst.length === 0) return Infinity
  if (logged !== undefined) {
    const last = longestFirst[Math.min(logged, longestFirst.length) - 1] ?? 0
    return Math.max(minLoadMs, last / 2)
  }
  const median = longestFirst[Math.floor(longestFirst.length / 2)] ?? 0
  return median > unprovenLoadMs ? unprovenLoadMs : Math.max(unprovenLoadMs, timesMedian * median)
}
