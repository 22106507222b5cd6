import { openSync, readSync } from 'node:fs'

/** How long the thread that reads it has waited for a CPU, and how many times it got one. */
export interface RunQueue {
  readonly waitedMs: number
  readonly slices: number
}

export interface RunQueueReader {
  /** Undefined if the system does not report it. Reads a file of a few bytes, which takes 3 µs. */
  readonly runQueue: () => RunQueue | undefined
  /** Why the system does not report it. */
  readonly runQueueMissing?: string
}

/** Linux, if the kernel keeps these statistics (`CONFIG_SCHED_INFO`). */
const schedstat = '/proc/thread-self/schedstat'

/** Opens the statistics of this thread. The file stays open while the program runs. */
export function openRunQueue(file = schedstat): RunQueueReader {
  let descriptor: number
  try {
    descriptor = openSync(file, 'r')
  } catch {
    return { runQueue: () => undefined, runQueueMissing: `this system has no ${file}` }
  }
  const bytes = Buffer.alloc(128)
  const runQueue = () => {
    const length = readSync(descriptor, bytes, 0, bytes.length, 0)
    return parseSchedstat(bytes.toString('latin1', 0, length))
  }
  if (runQueue() !== undefined) return { runQueue }
  return { runQueue: () => undefined, runQueueMissing: `${file} gives no times` }
}

/** Parses `time on a CPU, time waiting for one, number of slices`; times are nanoseconds. */
export function parseSchedstat(text: string): RunQueue | undefined {
  const [, waited, slices] = /^\d+ (\d+) (\d+)\s*$/.exec(text) ?? []
  if (waited === undefined || slices === undefined) return undefined
  return { waitedMs: Number(waited) / 1e6, slices: Number(slices) }
}
