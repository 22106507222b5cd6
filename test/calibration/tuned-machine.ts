/** Machines with settings whose truth is known, to race on: slots, threads and the type of the cache. */
import { sourceOf } from './simulated-run.ts'

export const machines = 50
/** A setting that is worse than the best by at most this, as a logarithm, is as good: 3 %. */
export const band = -Math.log(1 - 0.03)
/** The samples of the dataset. */
export const samples = 60
/** A setting may answer this share of the samples worse than the default. */
export const qualityBand = 0.03

const slots = [1, 2, 4]
const threads = [2, 4, 8]
const caches = ['f16', 'q8_0']
export const keys = slots.flatMap((slot) =>
  threads.flatMap((thread) => caches.map((cache) => `${slot} ${thread} ${cache}`)),
)
export const reference = '1 4 f16'

export interface Machine {
  /** The logarithm of the true throughput of each config. */
  readonly truth: ReadonlyMap<string, number>
  /** The distance of the logarithm of P95 from its bound; above 0 meets the objective. */
  readonly distance: ReadonlyMap<string, number>
  /** The share of right answers. */
  readonly quality: ReadonlyMap<string, number>
  /** The spread of the trials of each config, as a factor. */
  readonly spread: ReadonlyMap<string, number>
  /** How much slower the machine gets until it is warm, and after how many trials it mostly is. */
  readonly drift: number
  readonly warmAfter: number
}

/**
 * Machine 0 to 49.
 * @param lead the best of those that meet the objectives leads by this; absent to leave the truth as drawn
 */
export function machineOf(index: number, lead?: number): Machine {
  const { random, normal } = sourceOf(7001 + index * 17)
  const [perSlot, perThread] = [0.05 + 0.25 * random(), 0.05 + 0.2 * random()]
  const oversubscribed = 0.3 * random()
  const cacheGain = 0.08 * normal()
  const isSpoilt = index % 3 === 0
  const isAlike = index % 5 === 1
  const own = new Map(keys.map((key) => [key, 0.02 * normal()]))
  const facts = keys.map((key) => {
    const [slot = 1, thread = 1] = key.split(' ').map(Number)
    const isSmall = key.endsWith('q8_0')
    const log =
      perSlot * Math.log2(slot) +
      perThread * Math.log2(thread) -
      (slot * thread > 8 ? oversubscribed * Math.log2((slot * thread) / 8) : 0) +
      (isSmall ? (isSpoilt ? Math.abs(cacheGain) + 0.05 : cacheGain) : 0) +
      (own.get(key) ?? 0)
    // On some machines, four slots answer too late.
    const distance = (index % 4 === 2 ? 0.3 : 0.6) - 0.2 * Math.log2(slot)
    return { key, log, quality: isSmall && isSpoilt ? 0.6 : 0.9, distance }
  })
  const good = facts
    .filter(({ quality, distance }) => quality > 0.8 && distance > 0)
    .toSorted((one, other) => other.log - one.log)
  const [best, second] = [good[0]?.key ?? '', good[1]]
  const bestLog = (second?.log ?? 0) + (lead ?? 0.005)
  const spreads = keys.map((key) => [key, Math.exp(0.4 * (random() - 0.5) * 2)] as const)
  return {
    truth: new Map(
      facts.map(({ key, log }) => [
        key,
        key === best && (lead !== undefined || isAlike) ? bestLog : log,
      ]),
    ),
    distance: new Map(facts.map(({ key, distance }) => [key, distance])),
    quality: new Map(facts.map(({ key, quality }) => [key, quality])),
    spread: new Map(spreads),
    drift: 0.08 * random(),
    warmAfter: 10 + 40 * random(),
  }
}

/** True if the setting meets the objectives even when the machine is warm. */
export function isGood(machine: Machine, config: string): boolean {
  const quality = machine.quality.get(config) ?? 0
  return (
    (machine.distance.get(config) ?? 0) >= machine.drift &&
    quality >= (machine.quality.get(reference) ?? 0) - qualityBand
  )
}

/** How far a config is behind the best of those that meet the objectives. */
export function behind(machine: Machine, config: string): number {
  const best = Math.max(
    ...keys.filter((key) => isGood(machine, key)).map((key) => machine.truth.get(key) ?? 0),
  )
  return best - (machine.truth.get(config) ?? 0)
}
