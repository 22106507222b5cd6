/** A short form of `npm run simulate`: no cell may miss its nominal rate by more than chance does once in 10,000 cells. */
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { calibrationText, tables } from './calibration.ts'
import { isPlausible, tableText } from './table.ts'

describe('the calibration', () => {
  it.each(tables.map((make) => [make.name, make] as const))(
    'keeps its promises: %s',
    (_, make) => {
      const table = make({ experiments: 40, seed: 1 })
      const broken = table.rows.flatMap(({ cells, label }) =>
        cells.some((cell) => cell !== undefined && !isPlausible(cell)) ? [label] : [],
      )
      expect(broken, tableText(table)).toEqual([])
    },
    180_000,
  )

  it('is published with the rows and promises of this code', () => {
    const withoutShares = (text: string) =>
      text.replaceAll(/\d+\.\d %/g, '# %').replaceAll(' ‼️ |', ' |')
    const made = tables.map((make) => tableText(make({ experiments: 5, seed: 1 })))
    const published = { experiments: 2000, seed: 1 }
    const text = calibrationText(made, published, 'npm run simulate')
    expect(withoutShares(readFileSync('test/calibration/README.md', 'utf8'))).toBe(
      withoutShares(text),
    )
  }, 180_000)
})

describe('a promise', () => {
  it('is broken only by more than chance', () => {
    // P(X >= 13) = 1.7e-3 and P(X >= 16) = 3.7e-5 for 100 trials at 5 %
    expect(isPlausible({ hits: 13, n: 100, promise: { atMost: 0.05 } })).toBe(true)
    expect(isPlausible({ hits: 16, n: 100, promise: { atMost: 0.05 } })).toBe(false)
    expect(isPlausible({ hits: 84, n: 100, promise: { atLeast: 0.95 } })).toBe(false)
    expect(isPlausible({ hits: 87, n: 100, promise: { atLeast: 0.95 } })).toBe(true)
    expect(isPlausible({ hits: 100, n: 100 })).toBe(true)
  })
})
