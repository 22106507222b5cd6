import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { quantileInterval } from '../../src/stats/interval.ts'
import { pooledQuantiles, quantileOf, sorted, thinned } from '../../src/stats/quantile.ts'

const sampleOf = (values: readonly number[], weight = 1) => ({ ascending: sorted(values), weight })
const trials = fc.array(fc.array(fc.integer({ min: 1, max: 99 }), { minLength: 1 }), {
  minLength: 2,
  maxLength: 5,
})

describe('pooledQuantiles', () => {
  it('are the quantiles of the values together, and without each sample in turn', () => {
    fc.assert(
      fc.property(trials, fc.double({ min: 0, max: 1, noNaN: true }), (values, share) => {
        const { pooled, leavingOneOut } = pooledQuantiles(
          values.map((each) => sampleOf(each)),
          share,
        )
        expect(pooled).toBeCloseTo(quantileOf(sorted(values.flat()), share), 9)
        leavingOneOut.forEach((quantile, omitted) => {
          const rest = values.filter((_, index) => index !== omitted).flat()
          expect(quantile).toBeCloseTo(quantileOf(sorted(rest), share), 9)
        })
      }),
    )
  })

  it('count a value as many times as its weight says', () => {
    const samples = [sampleOf([1, 2], 10), sampleOf([5, 6], 2)]
    const quantileAt = (share: number) => pooledQuantiles(samples, share).pooled
    // 10 of 1, 10 of 2, 2 of 5, 2 of 6
    expect([0, 0.9, 1].map((share) => Math.floor(quantileAt(share)))).toEqual([1, 5, 6])
  })

  it('change little if a large sample is thinned', () => {
    const many = Float64Array.from({ length: 50_000 }, (_, index) => Math.exp(index / 10_000))
    const few = thinned(many, 2000)
    expect(few).toHaveLength(2000)
    const { pooled } = pooledQuantiles([{ ascending: few, weight: 25 }, sampleOf([1])], 0.99)
    expect(pooled / quantileOf(many, 0.99)).toBeCloseTo(1, 2)
    expect(thinned(few, 2000)).toBe(few)
  })
})

describe('quantileInterval', () => {
  it('lies around the quantile of all values, as wide as the trials or the jackknife differ', () => {
    // medians 2, 4 and 9; of all values 4; without one trial in turn 8, 5.5 and 2.5
    const samples = [
      [1, 2, 3],
      [2, 4, 8],
      [8, 9, 10],
    ].map((values) => sampleOf(values))
    const { estimate, low, high } = quantileInterval([2, 4, 9].map(Math.log), samples, 0.5, 0.95)!
    // by the formulas, computed in Python: standard errors 0.4346 of the trials, 0.6855622 of the jackknife; t =
    // 4.302653
    expect(Math.exp(estimate)).toBeCloseTo(72 ** (1 / 3), 9)
    expect((low + high) / 2).toBeCloseTo(Math.log(4), 9)
    expect((high - low) / 2).toBeCloseTo(4.302653 * 0.6855622, 5)
  })

  it('is undefined for one trial', () => {
    expect(quantileInterval([0], [sampleOf([1])], 0.5, 0.95)).toBeUndefined()
  })
})
