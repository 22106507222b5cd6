/** The workloads of an experiment that tests a cause: what the test changes, and what all configs share. */
import type { Workload } from '../experiment/experiment.ts'
import type { Load } from '../experiment/load.ts'
import type { CauseTest } from './diagnosis.ts'

/**
 * The workload of the new file: the subject's, without fields that some configs lack, because a config cannot remove a
 * field that it inherits.
 */
export function sharedWorkload(
  subject: Workload,
  all: readonly Workload[],
  { everywhere }: CauseTest,
): Workload {
  const { system, think, format, keepAlive, load, ...needed } = changedWorkload(subject, everywhere)
  const workloads = all.map((each) => changedWorkload(each, everywhere))
  const isInAll = (name: keyof Workload) => workloads.every((each) => each[name] !== undefined)
  return {
    ...needed,
    ...(system !== undefined && isInAll('system') ? { system } : {}),
    ...(think !== undefined && isInAll('think') ? { think } : {}),
    ...(format !== undefined && isInAll('format') ? { format } : {}),
    ...(keepAlive !== undefined && isInAll('keepAlive') ? { keepAlive } : {}),
    load: sharedLoad(
      load,
      workloads.map((each) => each.load),
    ),
  }
}

function sharedLoad(load: Load, all: readonly Load[]): Load {
  if (load.kind === 'open') return load
  const { rampMs, pause, ...withoutRamp } = load
  const areRamped = all.every((each) => each.kind === 'open' || each.rampMs !== undefined)
  const allPause = all.every((each) => each.kind === 'open' || each.pause !== undefined)
  const starts = {
    ...(rampMs !== undefined && areRamped ? { rampMs } : {}),
    ...(pause !== undefined && allPause ? { pause } : {}),
  }
  if (withoutRamp.kind === 'closed-requests') return { ...withoutRamp, ...starts }
  const wait = all.every((each) => each.kind !== 'closed-duration' || each.atLeast > 0)
  const { durationMs } = withoutRamp
  return { ...withoutRamp, ...starts, ...(wait ? {} : { atLeast: 0, atMostMs: durationMs }) }
}

/** The workload with the experiment's changes. Options are not part of a workload: see `sharedOptions`. */
export function changedWorkload(
  workload: Workload,
  { think, cache, users, warmupRequests }: CauseTest['everywhere'],
): Workload {
  const { load } = workload
  return {
    ...workload,
    ...(think === undefined ? {} : { think }),
    ...(cache === undefined ? {} : { cache }),
    ...(warmupRequests === undefined ? {} : { warmupRequests }),
    ...(users === undefined || load.kind === 'open' ? {} : { load: { ...load, users } }),
  }
}
