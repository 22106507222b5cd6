import fc from 'fast-check'
import { expect, it } from 'vitest'
import { paretoFront } from '../../../src/analysis/race/pareto-front.ts'

it('holds the points that no other one beats, by ascending cost', () => {
  const [cheap, best, beaten, twin] = [
    { value: 1, cost: 1 },
    { value: 3, cost: 2 },
    { value: 3, cost: 2.5 },
    { value: 3, cost: 2 },
  ]
  expect(paretoFront([beaten, best, twin, cheap])).toEqual([cheap, best, twin])
  expect(paretoFront([])).toEqual([])
})

it('grows in value with cost, and beats every other point', () => {
  const numbers = fc.integer({ min: 0, max: 20 })
  const points = fc.array(fc.record({ value: numbers, cost: numbers }), { minLength: 1 })
  fc.assert(
    fc.property(points, (all) => {
      const front = paretoFront(all)
      for (const [index, { value, cost }] of front.entries()) {
        const before = front[index - 1]
        if (before !== undefined && before.cost < cost) expect(before.value).toBeLessThan(value)
      }
      for (const point of all)
        expect(front.some(({ value, cost }) => value >= point.value && cost <= point.cost)).toBe(
          true,
        )
    }),
  )
})
