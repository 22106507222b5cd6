/** Simulates the times of requests whose distribution is known: most are alike, a few take many times as long. */
import { normalCdf } from '../../src/stats/distributions.ts'
import { seededNormal, seededRandom } from '../support/random.ts'

export interface RequestTimes {
  /** Standard deviation of the logarithm of the time, between requests and between trials. */
  readonly spread: number
  readonly trialSpread: number
  /** Share of requests that take longer, by a factor that is uniform between these two. */
  readonly stragglers: number
  readonly factors: readonly [least: number, most: number]
}

/** 2 % of the requests take 5 to 10 times as long. */
export const withStragglers = (spread: number, trialSpread: number): RequestTimes => ({
  spread,
  trialSpread,
  stragglers: 0.02,
  factors: [5, 10],
})

/**
 * Returns a function that draws trials: the times of their requests, without a unit; the median of the usual ones is 1.
 */
export function trialsOf(times: RequestTimes, seed: number): (requests: number) => Float64Array {
  const [random, normal] = [seededRandom(seed), seededNormal(seed + 1)]
  const { spread, trialSpread, stragglers, factors } = times
  const [least, most] = factors
  return (requests) => {
    const trial = trialSpread * normal()
    return Float64Array.from({ length: requests }, () => {
      const factor = random() < stragglers ? least + (most - least) * random() : 1
      return factor * Math.exp(trial + spread * normal())
    })
  }
}

/** The mean over all requests of endlessly many trials. */
export function trueMean({ spread, trialSpread, stragglers, factors }: RequestTimes): number {
  const factor = (factors[0] + factors[1]) / 2
  return (1 + stragglers * (factor - 1)) * Math.exp((spread ** 2 + trialSpread ** 2) / 2)
}

/** The quantile at `share` of all requests of endlessly many trials. */
export function trueQuantile(times: RequestTimes, share: number): number {
  let [low, high] = [0.01, 100]
  while (high - low > 1e-9) {
    const middle = (low + high) / 2
    if (shareBelow(times, middle) < share) low = middle
    else high = middle
  }
  return low
}

function shareBelow({ spread, trialSpread, stragglers, factors }: RequestTimes, time: number) {
  const usual = (factor: number) =>
    normalCdf(Math.log(time / factor) / Math.hypot(spread, trialSpread))
  const [least, most] = factors
  const steps = 200
  let late = 0
  for (let step = 0; step < steps; step++)
    late += usual(least + ((most - least) * (step + 0.5)) / steps) / steps
  return (1 - stragglers) * usual(1) + stragglers * late
}
