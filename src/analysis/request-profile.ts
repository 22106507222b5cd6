/** What only single requests show and diagnosis asks for: who waited for a load, how idle the server was, how pieces came. */
import type { StoredTrial } from '../results/stored-trial.ts'
import {
  cells,
  cellsOrZero,
  collect,
  mean,
  rowsUpTo,
  sum,
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
  readonly leastIdleMs?: number
}

/** A load that no log proves must take so long, and so many times the median. */
const unprovenLoadMs = 1000
const timesMedian = 5
/** Below this nobody waited, whatever the log says: the load was another's. */
const leastLoadMs = 10

export function requestProfile(trial: StoredTrial, measured: MeasuredTrial): RequestProfile {
  const { table, ok, prefillCollapse } = measured
  const idle = idleBefore(measured)
  const prompts = collect(ok, cells(table.numbers('promptTokens')))
  const tokens = prompts.reduce((most, count) => Math.max(most, count), 0)
  const streams = collect(ok, streamOf(measured))
  return {
    loads: loadProfile(trial, measured, idle),
    longestIdleMs: measured.sent.reduce((most, row) => Math.max(most, idle(row)), 0),
    ...(prompts.length === 0
      ? {}
      : {
          longestPrompt: { tokens, requests: prompts.filter((count) => count === tokens).length },
        }),
    ...(prefillCollapse === undefined ? {} : { prefillCollapse }),
    ...(streams.length === 0 ? {} : { streamMs: mean(streams) }),
  }
}

type Cell = (row: number) => number

function streamOf({ table }: MeasuredRequests): Cell {
  const [first, end] = [cells(table.numbers('firstByteMs')), cells(table.numbers('endMs'))]
  return (row) => end(row) - first(row)
}

/** By row: for how long nothing was in flight when it was sent, warm-up included; 0 for the first of all. */
function idleBefore({ table }: MeasuredRequests): Cell {
  const [sent, end] = [cells(table.numbers('sentMs')), cells(table.numbers('endMs'))]
  const idle = new Float64Array(table.length)
  let busyUntil = Infinity
  for (const row of rowsByTime(table.length, sent)) {
    idle[row] = Math.max(0, sent(row) - busyUntil)
    busyUntil = busyUntil === Infinity ? end(row) : Math.max(busyUntil, end(row))
  }
  return cells(idle)
}

function rowsByTime(rows: number, time: Cell): Uint32Array {
  return rowsUpTo(rows).sort((one, other) => time(one) - time(other))
}

function loadProfile(
  { evidence }: StoredTrial,
  { table, ok }: MeasuredRequests,
  idle: Cell,
): LoadProfile {
  const counts = evidence.flatMap(({ facts }) =>
    typeof facts.loadCount === 'number' ? [facts.loadCount] : [],
  )
  const logged = counts.length === 0 ? undefined : Math.max(...counts) - (counts[0] ?? 0)
  const loadOf = cellsOrZero(table.numbers('loadMs'))
  const least = leastWait(collect(rowsUpTo(table.length), loadOf), logged)
  const sent = cells(table.numbers('sentMs'))
  const firstEnd = table.numbers('endMs').reduce((first, at) => Math.min(first, at), Infinity)
  const waited = ok.filter((row) => loadOf(row) >= least)
  const others = collect(ok, (row) => (loadOf(row) < least ? loadOf(row) : NaN))
  const later = waited.filter((row) => sent(row) >= firstEnd)
  return {
    ...(logged === undefined ? {} : { logged }),
    requests: waited.length,
    atStart: waited.length - later.length,
    ms: sum(collect(waited, loadOf)),
    longestMs: waited.reduce((most, row) => Math.max(most, loadOf(row)), 0),
    ...(others.length === 0 ? {} : { otherMs: mean(others) }),
    ...(later.length === 0
      ? {}
      : { leastIdleMs: later.reduce((least, row) => Math.min(least, idle(row)), Infinity) }),
  }
}

/**
 * The load time from which on a request waited for a load. Where the log counts the loads, the longest so many
 * are those, and the ones that waited with them half as long; else it takes a second and five times the median.
 */
function leastWait(loads: Float64Array, logged: number | undefined): number {
  const longestFirst = loads.toSorted().reverse()
  if (logged === 0 || longestFirst.length === 0) return Infinity
  if (logged !== undefined) {
    const last = longestFirst[Math.min(logged, longestFirst.length) - 1] ?? 0
    return Math.max(leastLoadMs, last / 2)
  }
  const median = longestFirst[Math.floor(longestFirst.length / 2)] ?? 0
  return median > unprovenLoadMs ? unprovenLoadMs : Math.max(unprovenLoadMs, timesMedian * median)
}
