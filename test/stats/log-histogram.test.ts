import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isLogHistogram, LogHistogram, logHistogram } from '../../src/stats/log-histogram.ts'
import { quantileOf, sorted } from '../../src/stats/quantile.ts'

const duration = fc.double({ min: 0.001, max: 1e12, noNaN: true })

describe('logHistogram', () => {
  it('lists buckets in ascending order with their counts', () => {
    expect(logHistogram([])).toEqual([])
    expect(logHistogram([0, 0.0005, 0.001, 1, 1])).toEqual([0, 2, 1, 1, 319, 2])
  })

  it('writes only histograms that it accepts', () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: 0, max: 1e12, noNaN: true })), (durations) => {
        expect(isLogHistogram(logHistogram(durations))).toBe(true)
      }),
    )
  })

  it.each([
    ['half a pair', [1]],
    ['a bucket twice', [1, 2, 1, 2]],
    ['descending buckets', [2, 1, 1, 1]],
    ['no count', [1, 0]],
    ['a bucket that no duration has', [2048, 1]],
    ['a count above 32 bits', [1, 2 ** 32]],
    ['a fraction', [1, 1.5]],
    ['a text', ['1', 1]],
  ])('does not accept %s', (_, written) => {
    expect(isLogHistogram(written)).toBe(false)
  })
})

describe('LogHistogram', () => {
  it('has the quantiles of the durations within 1.1 % of its neighbours in rank', () => {
    fc.assert(
      fc.property(
        fc.array(duration, { minLength: 1, maxLength: 60 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (durations, share) => {
          const histogram = new LogHistogram()
          for (const one of durations) histogram.add(logHistogram([one]))
          expect(histogram.total).toBe(durations.length)
          const ascending = sorted(Float64Array.from(durations))
          const rank = (durations.length - 1) * share
          const width = 2 ** (1 / 32)
          const value = histogram.quantile(share)
          expect(value).toBeGreaterThanOrEqual((ascending[Math.floor(rank)] ?? NaN) / width)
          expect(value).toBeLessThanOrEqual((ascending[Math.ceil(rank)] ?? NaN) * width)
        },
      ),
    )
  })

  it('agrees with the exact quantiles of many durations within 0.5 %', () => {
    const durations = Array.from({ length: 5000 }, (_, index) => 18 + 8 * (index / 5000) ** 3)
    const histogram = new LogHistogram()
    histogram.add(logHistogram(durations))
    for (const share of [0.5, 0.95, 0.99]) {
      const exact = quantileOf(Float64Array.from(durations), share)
      expect(Math.abs(histogram.quantile(share) / exact - 1)).toBeLessThan(0.005)
    }
    const values = histogram.ascending(100)
    expect(values).toHaveLength(100)
    expect(values).toEqual(sorted(values))
    expect(Math.abs((values[50] ?? NaN) / quantileOf(values, 0.5) - 1)).toBeLessThan(0.01)
  })

  it('has no quantile without durations', () => {
    expect(new LogHistogram().quantile(0.5)).toBeNaN()
    expect(new LogHistogram().ascending(10)).toHaveLength(0)
  })
})
