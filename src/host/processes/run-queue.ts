import { openSync, readSync } from 'node:fs'

/** How long this thread has waited for a CPU since its start, and how many time slices on a CPU it got. */
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

/** Exists only on Linux, if the kernel keeps these statistics (`CONFIG_SCHED_INFO`). */
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
    return parseSchedstat(bytes, length)
  }
  if (runQueue() !== undefined) return { runQueue }
  return { runQueue: () => undefined, runQueueMissing: `${file} gives no times` }
}

const [digit0, digit9, space, lineFeed] = [0x30, 0x39, 0x20, 0x0a]

/**
 * Parses three numbers: time on a CPU, time waiting for a CPU, and number of time slices; times are in nanoseconds.
 * Creates no object but the result, because it runs in each turn of the event loop during a measurement, and garbage
 * collection delays reads.
 * @param length the number of bytes that hold the text
 */
export function parseSchedstat(bytes: Uint8Array, length: number): RunQueue | undefined {
  let waitedNs = 0
  let number = 0
  let spaces = 0
  for (let index = 0; index < length; index += 1) {
    const byte = bytes[index] ?? 0
    if (byte >= digit0 && byte <= digit9) number = number * 10 + (byte - digit0)
    else if (byte === space) {
      spaces += 1
      waitedNs = number
      number = 0
    } else if (byte !== lineFeed) return undefined
  }
  return spaces === 2 ? { waitedMs: waitedNs / 1e6, slices: number } : undefined
}
