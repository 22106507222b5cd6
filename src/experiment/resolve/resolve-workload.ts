/** Resolves workloads: their defaults and units, and what a config changes in the workload of the file. */
import type { Workload } from '../experiment.ts'
import type { Load, Pause, Ramp } from '../load.ts'
import type { MixItem } from '../mix-item.ts'
import type { WrittenConfig } from '../schema/written-experiment.ts'
import {
  type WrittenLoad,
  type WrittenMixItem,
  type WrittenConfigLoad,
  type WrittenWorkload,
  writtenLoad,
} from '../schema/written-workload.ts'
import { parseDuration, parseRate } from '../values/amount.ts'
import { readChecked } from '../values/reading.ts'

import { resolveModel } from './resolve-model.ts'

const defaultTimeoutMs = 600_000

/** The workload with its defaults. Options are not part of it: each config has its own. */
export function resolveWorkload(workload: WrittenWorkload): Workload {
  const {
    api,
    batch,
    system,
    prompt,
    think,
    format,
    keepAlive,
    mix,
    load,
    warmup,
    cache,
    timeout,
  } = workload
  return {
    api: api ?? 'chat',
    ...(api === 'embed' ? { batch: batch ?? 1 } : {}),
    prompt,
    ...(system === undefined ? {} : { system }),
    ...(think === undefined ? {} : { think }),
    ...(format === undefined ? {} : { format }),
    ...(keepAlive === undefined ? {} : { keepAlive }),
    ...(mix === undefined ? {} : { mix: mix.map(resolveMixItem) }),
    load: resolveLoad(load),
    warmupRequests: warmup?.requests ?? 3,
    cache: cache ?? 'cold',
    timeoutMs: timeout === undefined ? defaultTimeoutMs : readChecked(parseDuration(timeout)),
  }
}

/** An item's name, or that of its model; undefined if it has neither, which the rule `mixes` reports. */
export function mixItemName({ name, model }: WrittenMixItem): string | undefined {
  return name ?? resolveModel(model)?.name
}

function resolveMixItem(written: WrittenMixItem): MixItem {
  const { system, prompt, options, dataset } = written
  const model = resolveModel(written.model)
  return {
    name: mixItemName(written) ?? '',
    weight: written.weight ?? 1,
    ...(model === undefined ? {} : { model }),
    ...(system === undefined ? {} : { system }),
    ...(prompt === undefined ? {} : { prompt }),
    ...(options === undefined ? {} : { options }),
    ...(dataset === undefined ? {} : { dataset }),
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
  const { users } = load
  const starts = {
    ...(load.ramp === undefined ? {} : { rampMs: resolveRamp(load.ramp) }),
    ...(load.pause === undefined ? {} : { pause: resolvePause(load.pause) }),
  }
  if ('requests' in load)
    return { kind: 'closed-requests', users, requests: load.requests, ...starts }
  const durationMs = readChecked(parseDuration(load.duration))
  return {
    kind: 'closed-duration',
    users,
    durationMs,
    atLeast: load.atLeast ?? 0,
    atMostMs: load.atMost === undefined ? durationMs : readChecked(parseDuration(load.atMost)),
    ...starts,
  }
}

function resolveRamp(ramp: string): Ramp {
  return ramp === 'auto' ? ramp : readChecked(parseDuration(ramp))
}

function resolvePause(pause: NonNullable<WrittenConfigLoad['pause']>): Pause {
  if (typeof pause === 'string')
    return { meanMs: readChecked(parseDuration(pause)), distribution: 'constant' }
  const { mean, distribution = 'exponential' } = pause
  return { meanMs: readChecked(parseDuration(mean)), distribution }
}

/** Keys of a load that another key replaces: a load has users or a rate, and a duration or a number of requests. */
const replacedBy: Readonly<
  Partial<Record<keyof WrittenConfigLoad, readonly (keyof WrittenConfigLoad)[]>>
> = {
  rate: ['users', 'requests', 'atLeast', 'atMost', 'ramp', 'pause'],
  users: ['rate', 'arrival'],
  requests: ['duration', 'atLeast', 'atMost'],
  duration: ['requests'],
}

/** The load with the config's own keys over the inherited ones. It may lack keys that a load needs. */
export function mergedLoad(
  inherited: WrittenConfigLoad | undefined,
  own: WrittenConfigLoad | undefined,
): WrittenConfigLoad | undefined {
  if (inherited === undefined || own === undefined) return own ?? inherited
  const replaced = new Set<string>(
    Object.entries(replacedBy).flatMap(([key, others]) => (Object.hasOwn(own, key) ? others : [])),
  )
  const kept = Object.entries(inherited).filter(([key]) => !replaced.has(key))
  return { ...Object.fromEntries(kept), ...own }
}

/**
 * The workload of a config: that of the file, with the config's own parts over it; undefined if the file has none, or
 * if the two loads do not combine into a valid one, which the rule `loadsOfConfigs` reports.
 * @param config with everything that it inherits
 */
export function workloadOf(
  top: WrittenWorkload | undefined,
  config: WrittenConfig,
): WrittenWorkload | undefined {
  if (top === undefined || (config.load === undefined && config.workload === undefined)) return top
  const load = writtenLoad.safeParse(mergedLoad(top.load, config.load)).data
  const own = { ...config.workload, prompt: config.workload?.prompt ?? top.prompt }
  return load && { ...top, ...own, load }
}
