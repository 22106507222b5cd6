/**
 * Distribution functions and quantiles of the normal and of Student's t distribution to double precision.
 * simple-statistics has no t distribution, and its `probit` is accurate to three digits only.
 */
import { gammaln } from 'simple-statistics'

/** P(Z <= z), by Marsaglia's series (Evaluating the Normal Distribution, J. Stat. Software 11(4), 2004). */
export function normalCdf(z: number): number {
  if (z < -8) return 0
  if (z > 8) return 1
  let [sum, term] = [z, z]
  for (let odd = 3; sum + term !== sum; odd += 2) {
    term *= (z * z) / odd
    sum += term
  }
  return 0.5 + sum * normalDensity(z)
}

/** The z with P(Z <= z) = `p`, for 1e-15 < p < 1 - 1e-15. */
export function normalQuantile(p: number): number {
  return bisect(normalCdf, p, -8, 8)
}

function normalDensity(z: number): number {
  return Math.exp(-0.5 * z * z) / Math.sqrt(2 * Math.PI)
}

/**
 * P(T <= t), by the regularised incomplete beta function (DLMF 8.17.2; Abramowitz and Stegun 26.7.1).
 * @param degrees of freedom, above 0; they need not be whole
 */
export function studentCdf(t: number, degrees: number): number {
  const tail = incompleteBeta(degrees / (degrees + t * t), degrees / 2, 0.5) / 2
  return t < 0 ? tail : 1 - tail
}

/** The t with P(T <= t) = `p`, for 0 < p < 1. */
export function studentQuantile(p: number, degrees: number): number {
  if (p < 0.5) return -studentQuantile(1 - p, degrees)
  const key = `${p} ${degrees}`
  const known = wholeQuantiles.get(key)
  if (known !== undefined) return known
  let high = 1
  while (studentCdf(high, degrees) < p) high *= 2
  const quantile = bisect((t) => studentCdf(t, degrees), p, 0, high)
  if (Number.isInteger(degrees)) wholeQuantiles.set(key, quantile)
  return quantile
}

/** Caches quantiles for whole degrees, because an analysis uses few different ones, but each of them many times. */
const wholeQuantiles = new Map<string, number>()

/** The point in [`low`, `high`] at which the increasing function `cdf` reaches `p`, to the last bit. */
function bisect(cdf: (x: number) => number, p: number, low: number, high: number): number {
  for (;;) {
    const middle = (low + high) / 2
    if (middle <= low || middle >= high) return middle
    if (cdf(middle) < p) low = middle
    else high = middle
  }
}

/** I_x(a, b) by its continued fraction (DLMF 8.17.22), evaluated by Lentz's method. */
function incompleteBeta(x: number, a: number, b: number): number {
  if (x <= 0) return 0
  if (x >= 1) return 1
  // the fraction converges fast only below the mean; above it, use I_x(a, b) = 1 - I_(1-x)(b, a)
  if (x > (a + 1) / (a + b + 2)) return 1 - incompleteBeta(1 - x, b, a)
  const front = Math.exp(
    gammaln(a + b) - gammaln(a) - gammaln(b) + a * Math.log(x) + b * Math.log1p(-x),
  )
  const tiny = 1e-300
  const nonZero = (value: number) => (Math.abs(value) < tiny ? tiny : value)
  let c = 1
  let d = 1 / nonZero(1 - ((a + b) * x) / (a + 1))
  let fraction = d
  for (let m = 1; m < 1000; m++) {
    const even = (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m))
    const odd = (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1))
    let step = 1
    for (const coefficient of [even, odd]) {
      d = 1 / nonZero(1 + coefficient * d)
      c = nonZero(1 + coefficient / c)
      step = c * d
      fraction *= step
    }
    if (Math.abs(step - 1) < 1e-15) break
  }
  return (front * fraction) / a
}
