import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { roundedToSum } from '../../src/report/latency-parts.ts'

describe('latency parts', () => {
  it('rounds parts so that they add up to their rounded sum', () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: -1e6, max: 1e6, noNaN: true }), { minLength: 1, maxLength: 8 }),
        fc.integer({ min: 0, max: 2 }),
        (values, decimals) => {
          const unit = 10 ** decimals
          const units = roundedToSum(values, decimals).map((value) => Math.round(value * unit))
          const whole = Math.round(values.reduce((sum, value) => sum + value * unit, 0))
          expect(units.reduce((sum, value) => sum + value, 0)).toBe(whole + 0)
          units.forEach((value, index) => {
            expect(Math.abs(value - (values[index] ?? 0) * unit)).toBeLessThanOrEqual(1)
          })
        },
      ),
    )
  })
})
