/** Noise with the properties that measurements have: similar from one request to the next, with rare slow ones. */

/**
 * Returns a generator of standard normal numbers, each correlated with the one before (AR(1)).
 * @param normal independent standard normal numbers
 * @param correlation of consecutive numbers, 0 for independent ones, below 1
 */
export function autocorrelated(normal: () => number, correlation: number): () => number {
  let last = normal()
  return () => {
    last = correlation * last + Math.sqrt(1 - correlation ** 2) * normal()
    return last
  }
}

export interface PaceNoise {
  /** Relative spread between requests, 0.05 for 5 %. */
  readonly spread: number
  readonly correlation: number
  /** Share of requests that take three times as long. Default: 0. */
  readonly stragglers?: number
  /** Factor that the pace reaches at the end of the trial, from 1 at its start. Default: 1. */
  readonly slowdown?: number
}

/**
 * The factor on the time of each request of a trial, for `decodePace` of a simulated trial.
 * @param normal independent standard normal numbers
 * @param random independent numbers in [0, 1)
 */
export function noisyPace(
  { spread, correlation, stragglers = 0, slowdown = 1 }: PaceNoise,
  { normal, random }: { readonly normal: () => number; readonly random: () => number },
): (progress: number) => number {
  const noise = autocorrelated(normal, correlation)
  return (progress) =>
    Math.exp(spread * noise()) * slowdown ** progress * (random() < stragglers ? 3 : 1)
}
