import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { detectableMean, valuesNeeded } from '../../src/stats/power.ts'
import { quantileOf, sorted } from '../../src/stats/quantile.ts'
import {
  normalCdf,
  normalQuantile,
  studentCdf,
  studentQuantile,
} from '../../src/stats/distributions.ts'
import { meanInterval } from '../../src/stats/interval.ts'
import { seededNormal } from '../support/random.ts'

describe('quantileOf', () => {
  const quantile = (values: readonly number[], share: number) => quantileOf(sorted(values), share)

  it('computes type 7, as numpy.percentile documents it', () => {
    expect(quantile([10, 7, 4, 3, 2, 1], 0.5)).toBe(3.5)
    // R: quantile(c(1, 2, 3, 4, 10), c(.25, .9, .95, .99), type = 7)
    const sample = [1, 2, 3, 4, 10]
    expect(quantile(sample, 0.25)).toBe(2)
    expect(quantile(sample, 0.9)).toBeCloseTo(7.6, 12)
    expect(quantile(sample, 0.95)).toBeCloseTo(8.8, 12)
    expect(quantile(sample, 0.99)).toBeCloseTo(9.76, 12)
  })

  it('returns NaN for an empty sample and the value itself for one value', () => {
    expect(quantile([], 0.5)).toBeNaN()
    for (const share of [0, 0.5, 1]) expect(quantile([7], share)).toBe(7)
  })

  it('rises with the share, stays within the sample and leaves the sample unchanged', () => {
    const sample = fc.array(fc.double({ noNaN: true, min: -1e9, max: 1e9 }), { minLength: 1 })
    const share = fc.double({ noNaN: true, min: 0, max: 1 })
    fc.assert(
      fc.property(sample, share, share, (values, one, other) => {
        const before = [...values]
        const low = quantile(values, Math.min(one, other))
        const high = quantile(values, Math.max(one, other))
        const slack = 1e-6
        expect(low).toBeLessThanOrEqual(high + slack)
        expect(low).toBeGreaterThanOrEqual(Math.min(...values) - slack)
        expect(high).toBeLessThanOrEqual(Math.max(...values) + slack)
        expect(values).toEqual(before)
      }),
    )
  })
})

describe('studentQuantile', () => {
  // NIST/SEMATECH e-Handbook of Statistical Methods, 1.3.6.7.2, upper critical values
  it.each([
    [0.975, 1, 12.706],
    [0.975, 2, 4.303],
    [0.975, 5, 2.571],
    [0.975, 9, 2.262],
    [0.9, 3, 1.638],
    [0.995, 10, 3.169],
    [0.999, 4, 7.173],
    [0.975, 100, 1.984],
  ])('agrees with the table at %d and %d degrees', (p, degrees, value) => {
    expect(studentQuantile(p, degrees)).toBeCloseTo(value, 3)
    expect(studentQuantile(1 - p, degrees)).toBeCloseTo(-value, 3)
  })

  it('agrees with the closed forms at one and two degrees of freedom', () => {
    // 1 degree: the Cauchy distribution; 2 degrees: F(t) = 1/2 + t / (2 sqrt(2 + t^2))
    expect(studentQuantile(0.9, 1)).toBeCloseTo(Math.tan(Math.PI * 0.4), 9)
    expect(studentCdf(1.5, 2)).toBeCloseTo(0.5 + 1.5 / (2 * Math.sqrt(4.25)), 12)
  })

  it('is the inverse of studentCdf, also for fractional degrees of freedom', () => {
    const p = fc.double({ min: 0.001, max: 0.999, noNaN: true })
    fc.assert(
      fc.property(p, fc.double({ min: 1, max: 400, noNaN: true }), (share, degrees) => {
        expect(studentCdf(studentQuantile(share, degrees), degrees)).toBeCloseTo(share, 9)
      }),
      { numRuns: 200 },
    )
  })
})

describe('normalQuantile', () => {
  it('agrees with published digits', () => {
    expect(normalQuantile(0.975)).toBeCloseTo(1.959963984540054, 12)
    expect(normalQuantile(0.99375)).toBeCloseTo(2.497705474412392, 9)
    expect(normalQuantile(0.8)).toBeCloseTo(0.8416212335729142, 12)
    expect(normalCdf(-1)).toBeCloseTo(0.15865525393145705, 14)
    expect([normalCdf(-9), normalCdf(9)]).toEqual([0, 1])
  })
})

describe('power', () => {
  it('agrees with the paired t test of Machin et al.: an effect of 0.5 needs 34 pairs', () => {
    expect(valuesNeeded(1, 0.5, 0.95)).toBe(34)
  })

  it('agrees with a simulation that detects the change in 80 % of draws', () => {
    const normal = seededNormal(3)
    const size = detectableMean(0.05, 6, 0.95)
    let seen = 0
    for (let draw = 0; draw < 4000; draw++) {
      const values = Array.from({ length: 6 }, () => size + 0.05 * normal())
      if ((meanInterval(values, 0.95)?.low ?? -1) > 0) seen += 1
    }
    // (t + t) is an approximation of the noncentral t: a few points at 6 rounds
    expect(seen / 4000).toBeGreaterThan(0.76)
    expect(seen / 4000).toBeLessThan(0.87)
  })

  it('needs fewer values for a larger change, and is undefined for no change', () => {
    expect(valuesNeeded(1, 1, 0.95)!).toBeLessThan(valuesNeeded(1, 0.5, 0.95)!)
    expect(valuesNeeded(1, 0, 0.95)).toBeUndefined()
    expect(valuesNeeded(1, 1e-9, 0.95)).toBeUndefined()
    expect(valuesNeeded(0, 1, 0.95)).toBe(2)
  })
})
