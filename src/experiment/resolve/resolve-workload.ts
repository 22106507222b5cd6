import type { Load, Workload } from '../experiment.ts'
import { parseDuration } from '../values/duration.ts'
import { parseRate } from '../values/rate.ts'
import type { Reading } from '../values/reading.ts'
import { isRead } from '../values/reading.ts'
import type { WrittenLoad, WrittenWorkload } from '../schema/written-workload.ts'

/** A number of a text that the schema has passed already. */
export function readChecked<T>(reading: Reading<T>): T {
  if (!isRead(reading)) throw new TypeError(reading.wrong)
  return reading.value
}

const tenMinutes = 600_000

/** The workload with its defaults; its options are each config's own matter. */
export function resolveWorkload(workload: WrittenWorkload): Workload {
  const { api, system, prompt, think, format, keepAlive, load, warmup, cache, timeout } = workload
  return {
    api: api ?? 'chat',
    prompt,
    ...(system === undefined ? {} : { system }),
    ...(think === undefined ? {} : { think }),
    ...(format === undefined ? {} : { format }),
    ...(keepAlive === undefined ? {} : { keepAlive }),
    load: resolveLoad(load),
    warmupRequests: warmup?.requests ?? 3,
    cache: cache ?? 'cold',
    timeoutMs: timeout === undefined ? tenMinutes : readChecked(parseDuration(timeout)),
  }
}

function resolveLoad(load: WrittenLoad): Load {
  if ('rate' in load)
    return {
      kind: 'open',
      ratePerSecond: readChecked(parseRate(load.rate)),
      arrival: load.arrival ?? 'poisson',
      durationMs: readChecked(parseDuration(load.duration)),
    }
  if ('requests' in load) return { kind: 'closed-requests', ...load }
  const durationMs = readChecked(parseDuration(load.duration))
  return {
    kind: 'closed-duration',
    users: load.users,
    durationMs,
    atLeast: load.atLeast ?? 0,
    atMostMs: load.atMost === undefined ? durationMs : readChecked(parseDuration(load.atMost)),
  }
}
