/**
 * Histograms of durations whose buckets widen with the duration, so that a quantile has the same relative error, at
 * most 1.1 %, for short and for long ones. Bucket 0 holds durations below 1 µs; bucket b holds those from 2^((b −
 * 1)/32) µs to 2^(b/32) µs. The written form lists bucket and count in turn, buckets ascending: `[457, 12, 458, 3]`.
 */

const bucketsPerDoubling = 32
/** 10^12 ms are in bucket 1595. */
const maxBuckets = 2048
/** The largest number of 32 bits, in which counts are kept. */
const maxCount = 2 ** 32 - 1

/** The written form of durations in ms. */
export function logHistogram(durations: readonly number[]): readonly number[] {
  const counts = new Map<number, number>()
  for (const ms of durations) counts.set(bucketOf(ms), (counts.get(bucketOf(ms)) ?? 0) + 1)
  return [...counts].toSorted(([one], [other]) => one - other).flat()
}

/** True if it is a written form: whole numbers, ascending buckets, counts of at least 1. */
export function isLogHistogram(written: readonly unknown[]): written is readonly number[] {
  let previous = -1
  // A plain loop, because every stored request is checked.
  for (let index = 0; index < written.length; index += 2) {
    const [bucket, count] = [Number(written[index]), written[index + 1]]
    if (typeof count !== 'number' || count < 1 || count > maxCount) return false
    if (!(bucket > previous && bucket < maxBuckets)) return false
    if (!Number.isInteger(written[index]) || !Number.isInteger(count)) return false
    previous = bucket
  }
  return true
}

/** Adds up histograms. */
export class LogHistogram {
  readonly #counts = new Float64Array(maxBuckets)
  #total = 0

  /** The number of durations. */
  get total(): number {
    return this.#total
  }

  add(written: ArrayLike<number>): void {
    for (let index = 0; index < written.length; index += 2) {
      const [bucket, count] = [written[index] ?? 0, written[index + 1] ?? 0]
      this.#counts[bucket] = (this.#counts[bucket] ?? 0) + count
      this.#total += count
    }
  }

  /**
   * The quantile in ms: Hyndman and Fan's type 7, with the durations of a bucket spread evenly over it. NaN without
   * durations.
   * @param share from 0 to 1
   */
  quantile(share: number): number {
    return this.#valuesAt([(this.#total - 1) * share])[0] ?? NaN
  }

  /** At most `max` durations in ms, ascending and evenly spaced by rank. */
  ascending(max: number): Float64Array {
    const size = Math.min(max, this.#total)
    const ranks = Array.from({ length: size }, (_, index) =>
      size === 1 ? 0 : (index / (size - 1)) * (this.#total - 1),
    )
    return Float64Array.from(this.#valuesAt(ranks))
  }

  /** @param ranks ascending, from 0; a fraction lies between two durations */
  #valuesAt(ranks: readonly number[]): readonly number[] {
    if (this.#total === 0) return []
    let [bucket, before] = [0, 0]
    return ranks.map((rank) => {
      while (before + (this.#counts[bucket] ?? Infinity) <= rank) {
        before += this.#counts[bucket] ?? 0
        bucket += 1
      }
      const inside = Math.min(1, (rank - before + 0.5) / (this.#counts[bucket] ?? NaN))
      const [from, to] = [startOf(bucket), startOf(bucket + 1)]
      return bucket === 0 ? 0 : from + (to - from) * inside
    })
  }
}

function bucketOf(ms: number): number {
  const microseconds = ms * 1000
  return microseconds < 1 ? 0 : 1 + Math.floor(bucketsPerDoubling * Math.log2(microseconds))
}

/** The shortest duration of each bucket in ms; a table, because quantiles need it often. */
const starts = Float64Array.from({ length: maxBuckets + 1 }, (_, bucket) =>
  bucket === 0 ? 0 : 2 ** ((bucket - 1) / bucketsPerDoubling) / 1000,
)

function startOf(bucket: number): number {
  return starts[bucket] ?? NaN
}
