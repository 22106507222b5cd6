/** Distinguishes requests that waited for a model to load from other requests, by their load times alone. */
import { quantileOf, sorted } from '../stats/quantile.ts'

/** A loaded model takes up to 150 ms; a longer time may be a load, if the trial's other requests take far less. */
const minLoadMs = 300
/** A load takes at least this many times as long as the other requests. */
const minTimesOthers = 5
/** If half of the requests take longer than this, all of these waited for a load. */
const surelyLoadMs = 1000
/** Load times that differ by at most this many ms count as even. */
const evenMs = 100

/**
 * The minimum load time of a request that waited for a load, judged against the median of its trial.
 * @param loads load times in ms; may be empty
 */
export function minColdLoadMs(loads: Float64Array): number {
  if (loads.length === 0) return Infinity
  const median = quantileOf(sorted(loads), 0.5)
  return median > surelyLoadMs ? surelyLoadMs : Math.max(minLoadMs, minTimesOthers * median)
}

/** True if the load times of all requests are similar: they are then a cost of every request, not of loads that some waited for. */
export function areEven(loads: Float64Array): boolean {
  if (loads.length === 0) return true
  const ascending = sorted(loads)
  const [low, high] = [quantileOf(ascending, 0.1), quantileOf(ascending, 0.9)]
  return high - low <= evenMs || high <= minTimesOthers * low
}
