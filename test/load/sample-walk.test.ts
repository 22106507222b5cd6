import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { SampleWalk, shuffledIndexes } from '../../src/load/sample-walk.ts'
import { seededRandom } from '../support/random.ts'

const count = fc.integer({ min: 1, max: 60 })

describe('SampleWalk', () => {
  it('returns every sample once per pass, in an order that only the seed decides', () => {
    fc.assert(
      fc.property(count, fc.nat(), (samples, seed) => {
        const order = shuffledIndexes(samples, seededRandom(seed))
        expect(order).toEqual(shuffledIndexes(samples, seededRandom(seed)))
        expect(order.toSorted((a, b) => a - b)).toEqual([...Array(samples).keys()])
        const walk = new SampleWalk(order.map((sampleIndex) => [sampleIndex]))
        for (let pass = 0; pass < 3; pass += 1)
          for (const sampleIndex of order)
            expect(walk.next()).toEqual({ sampleIndex, occurrence: pass })
      }),
    )
  })

  it('returns every order with equal probability', () => {
    const random = seededRandom(7)
    const tally = new Map<string, number>()
    for (let draw = 0; draw < 6000; draw += 1) {
      const order = shuffledIndexes(3, random).join('')
      tally.set(order, (tally.get(order) ?? 0) + 1)
    }
    // 1000 of each expected; 5 standard deviations are 144.
    expect(tally.size).toBe(6)
    for (const seen of tally.values()) expect(Math.abs(seen - 1000)).toBeLessThan(144)
  })

  it('throws if there is no sample', () => {
    expect(() => new SampleWalk([]).next()).toThrow(RangeError)
  })
})
