/** Student's t distribution, which simple-statistics has not; degrees of freedom need not be whole. */
import { gammaln } from 'simple-statistics'

/** P(T <= t), by the regularised incomplete beta function (DLMF 8.17.2; Abramowitz and Stegun 26.7.1). */
export function studentCdf(t: number, degrees: number): number {
  const tail = incompleteBeta(degrees / (degrees + t * t), degrees / 2, 0.5) / 2
  return t < 0 ? tail : 1 - tail
}

/** The t below which the share `p` (0 < p < 1) lies, by bisection of `studentCdf` to the last bit. */
export function studentQuantile(p: number, degrees: number): number {
  if (p < 0.5) return -studentQuantile(1 - p, degrees)
  let [low, high] = [0, 1]
  while (studentCdf(high, degrees) < p) high *= 2
  for (;;) {
    const middle = (low + high) / 2
    if (middle <= low || middle >= high) return middle
    if (studentCdf(middle, degrees) < p) low = middle
    else high = middle
  }
}

/** I_x(a, b) by its continued fraction (DLMF 8.17.22), evaluated by Lentz's method. */
function incompleteBeta(x: number, a: number, b: number): number {
  if (x <= 0) return 0
  if (x >= 1) return 1
  // the fraction converges fast only below the mean; above it the mirrored one does
  if (x > (a + 1) / (a + b + 2)) return 1 - incompleteBeta(1 - x, b, a)
  const front = Math.exp(
    gammaln(a + b) - gammaln(a) - gammaln(b) + a * Math.log(x) + b * Math.log1p(-x),
  )
  const tiny = 1e-300
  const away = (value: number) => (Math.abs(value) < tiny ? tiny : value)
  let c = 1
  let d = 1 / away(1 - ((a + b) * x) / (a + 1))
  let fraction = d
  for (let m = 1; m < 1000; m++) {
    const even = (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m))
    const odd = (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1))
    let step = 1
    for (const coefficient of [even, odd]) {
      d = 1 / away(1 + coefficient * d)
      c = away(1 + coefficient / c)
      step = c * d
      fraction *= step
    }
    if (Math.abs(step - 1) < 1e-15) break
  }
  return (front * fraction) / a
}
