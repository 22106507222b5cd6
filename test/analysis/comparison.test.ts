import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { markOf } from '../../src/analysis/comparison.ts'

describe('markOf', () => {
  const interval = (low: number, high: number) => ({ low, high, confidence: 0.95 })
  const rules = { floor: 2, band: 5 }
  it.each([
    [8, interval(5, 11), 'higher', 'better'],
    [8, interval(5, 11), 'lower', 'worse'],
    [-8, interval(-11, -5), 'lower', 'better'],
    [1.5, interval(1, 2), 'higher', 'same'], // beyond chance, but within the noise floor
    [1, interval(-2, 4), 'higher', 'same'],
    [4, interval(-1, 9), 'higher', 'unknown'],
    [8, interval(5, 11), 'neither', 'unknown'],
    [8, undefined, 'higher', 'better'],
    [1, undefined, 'higher', 'unknown'],
    [0, undefined, 'higher', 'unknown'],
    [undefined, undefined, 'higher', 'unknown'],
    [9, interval(6, 12), 'higher', 'better'],
  ] as const)(
    'marks a change of %s with interval %o, if %s is better, as %s',
    (value, changeInterval, direction, mark) => {
      expect(markOf({ value, interval: changeInterval, direction, ...rules })).toBe(mark)
    },
  )

  it('mirrors better and worse when the sides are swapped', () => {
    const numbers = fc.double({ min: -50, max: 50, noNaN: true })
    fc.assert(
      fc.property(numbers, fc.double({ min: 0, max: 20, noNaN: true }), (value, half) => {
        const there = markOf({
          value,
          interval: interval(value - half, value + half),
          direction: 'higher',
          ...rules,
        })
        const back = markOf({
          value: -value,
          interval: interval(-value - half, -value + half),
          direction: 'higher',
          ...rules,
        })
        const mirrored = {
          better: 'worse',
          worse: 'better',
          same: 'same',
          unknown: 'unknown',
        } as const
        expect(back).toBe(mirrored[there])
      }),
    )
  })
})
