/** The normal distribution to double precision; simple-statistics' `probit` is good to three digits only. */

/** P(Z <= z), by Marsaglia's series (Evaluating the Normal Distribution, J. Stat. Software 11(4), 2004). */
export function normalCdf(z: number): number {
  if (z < -8) return 0
  if (z > 8) return 1
  let [sum, term] = [z, z]
  for (let odd = 3; sum + term !== sum; odd += 2) {
    term *= (z * z) / odd
    sum += term
  }
  return 0.5 + sum * density(z)
}

/** The z below which the share `p` (1e-15 < p < 1 - 1e-15) lies, by bisection of `normalCdf`. */
export function normalQuantile(p: number): number {
  let [low, high] = [-8, 8]
  for (;;) {
    const middle = (low + high) / 2
    if (middle <= low || middle >= high) return middle
    if (normalCdf(middle) < p) low = middle
    else high = middle
  }
}

function density(z: number): number {
  return Math.exp(-0.5 * z * z) / Math.sqrt(2 * Math.PI)
}
