import { describe, expect, it } from 'vitest'
import { outlierIndex } from '../../src/stats/outlier.ts'
import { seededNormal } from '../support/random.ts'

describe('outlierIndex', () => {
  it('agrees with the test of Grubbs', () => {
    // Grubbs (1969): of 8 values, one is out at 5 % (two-sided) if it lies 2.126 deviations from the mean of all
    const withGrubbs = (g: number) => {
      // seven values with mean 0 and squares of sum 7; the eighth at the distance that gives this statistic
      const others = [-1.5, -1, -0.5, 0, 0.5, 1, 1.5].map((value) => value)
      const deviationAt = (x: number) => {
        const all = [...others, x]
        const mean = x / 8
        return (x - mean) / Math.sqrt(all.reduce((sum, v) => sum + (v - mean) ** 2, 0) / 7)
      }
      let [low, high] = [0, 100]
      while (high - low > 1e-9) {
        const middle = (low + high) / 2
        if (deviationAt(middle) < g) low = middle
        else high = middle
      }
      return [...others, low]
    }
    expect(outlierIndex(withGrubbs(2.13), 0.05)).toBe(7)
    expect(outlierIndex(withGrubbs(2.12), 0.05)).toBeUndefined()
  })

  it.each([6, 8, 10, 20])('finds one in about 2 of 100 sets of %d normal values', (length) => {
    const normal = seededNormal(length)
    const sets = Array.from({ length: 2000 }, () => Array.from({ length }, normal))
    const named = sets.filter((values) => outlierIndex(values, 0.02) !== undefined).length
    // chance leaves 2.0 ± 1.2 % in all but one of 10,000 runs
    expect(named / sets.length).toBeGreaterThan(0.008)
    expect(named / sets.length).toBeLessThan(0.032)
  })

  it('finds none among equal values, few values or rounding errors', () => {
    expect(outlierIndex([1, 1, 1, 1, 1, 1], 0.02)).toBeUndefined()
    expect(outlierIndex([0.3, 0.3, 0.3, 0.3, 0.1 + 0.2], 0.02)).toBeUndefined()
    expect(outlierIndex([1, 1, 9], 0.02)).toBeUndefined()
    expect(outlierIndex([1, 1, 1, 1, 1, 9], 0.02)).toBe(5)
  })
})
