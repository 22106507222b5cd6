/** Writes workloads: that of a file, and the parts that a config changes in it. */
import type { Workload } from './experiment.ts'
import type { Load, Pause } from './load.ts'
import type { MixItem } from './mix-item.ts'
import type { Model, OptionValue } from './model.ts'
import { mergedLoad } from './resolve/resolve-workload.ts'
import type { WrittenConfig } from './schema/written-experiment.ts'
import type { WrittenConfigLoad } from './schema/written-workload.ts'
import { formatDuration, plainNumber } from './values/amount.ts'
import { defined, differing, unlessEmpty } from './written-keys.ts'

export function writeWorkload(
  workload: Workload,
  options: Readonly<Record<string, OptionValue>>,
): object {
  const { warmup, cache, timeout, ...content } = writeWorkloadParts(workload)
  const { api, batch, system, prompt, ...answer } = content
  return {
    ...{ api, batch, system, prompt, options: unlessEmpty(options), ...answer },
    load: writeLoad(workload.load),
    ...{ warmup, cache, timeout },
  }
}

/** The parts of a workload except its load. */
function writeWorkloadParts({ warmupRequests, timeoutMs, mix, ...rest }: Workload) {
  const { api, batch, system, prompt, think, format, keepAlive, cache } = rest
  return {
    ...{ api, batch, system, prompt, think, format, keepAlive, mix: mix?.map(writeMixItem) },
    warmup: { requests: warmupRequests },
    cache,
    timeout: formatDuration(timeoutMs),
  }
}

function writeMixItem({ name, weight, model, ...rest }: MixItem): object {
  const isNamedByModel = name === model?.name
  return {
    ...(isNamedByModel ? {} : { name }),
    ...(model && { model: writeModel(model) }),
    weight,
    ...rest,
  }
}

export function writeModel({ name, ...details }: Model): object | string {
  return Object.keys(details).length === 0 ? name : { name, ...details }
}

/** @param hasLimit true to write the limit of a window even if it equals the duration */
function writeLoad(load: Load, hasLimit = false): WrittenConfigLoad {
  if (load.kind === 'open') {
    const duration = formatDuration(load.durationMs)
    return { rate: `${plainNumber(load.ratePerSecond)}/s`, arrival: load.arrival, duration }
  }
  const { rampMs } = load
  const ramp = typeof rampMs === 'number' ? formatDuration(rampMs) : rampMs
  const starts = { ramp, pause: load.pause && writePause(load.pause) }
  if (load.kind === 'closed-requests')
    return { users: load.users, requests: load.requests, ...starts }
  const { users, atLeast, durationMs, atMostMs } = load
  return {
    users,
    duration: formatDuration(durationMs),
    atLeast: atLeast === 0 ? undefined : atLeast,
    atMost:
      atLeast === 0 && atMostMs === durationMs && !hasLimit ? undefined : formatDuration(atMostMs),
    ...starts,
  }
}

function writePause({ meanMs, distribution }: Pause): WrittenConfigLoad['pause'] {
  const mean = formatDuration(meanMs)
  return distribution === 'constant' ? mean : { mean, distribution }
}

/** The parts of the workload and of its load that differ from what the config inherits. */
export function changedWorkload(
  own: Workload,
  inherited: WrittenConfig,
  ofFile: Workload | undefined,
): Partial<Record<'load' | 'workload', object | undefined>> {
  if (ofFile === undefined) return {}
  const base = mergedLoad(writeLoad(ofFile.load), inherited.load) ?? {}
  const parts = { ...writeWorkloadParts(ofFile), ...inherited.workload }
  return {
    load: unlessEmpty(differing(writeLoad(own.load, base.atMost !== undefined), base)),
    workload: unlessEmpty(differing(defined(writeWorkloadParts(own)), defined(parts))),
  }
}
