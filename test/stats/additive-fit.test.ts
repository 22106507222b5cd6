import { expect, it } from 'vitest'
import { residualOf } from '../../src/stats/additive-fit.ts'

const table = (rows: readonly (readonly (number | undefined)[])[]) =>
  rows.flatMap((row, index) =>
    row.flatMap((value, block) =>
      value === undefined ? [] : [{ treatment: `t${index}`, block, value }],
    ),
  )

it('finds no residual in a table that is additive, even with cells missing', () => {
  const { variance, degrees } = residualOf(
    table([
      [1, 2, 4],
      [11, 12, undefined],
      [101, undefined, 104],
    ]),
  )
  expect(degrees).toBe(2)
  expect(variance).toBeCloseTo(0, 9)
})

it('agrees with a published randomised block design', () => {
  // Snedecor & Cochran, Statistical Methods, 1967, table 11.2.1: failures of soybean seeds, residual mean square 5.41
  const { variance, degrees } = residualOf(
    table([
      [8, 10, 12, 13, 11],
      [2, 6, 7, 11, 5],
      [4, 10, 9, 8, 10],
      [3, 5, 9, 10, 6],
      [9, 7, 5, 5, 3],
    ]),
  )
  expect(degrees).toBe(16)
  expect(variance).toBeCloseTo(5.41, 2)
})

it('has no variance without degrees of freedom', () => {
  expect(residualOf(table([[1], [2]]))).toEqual({ variance: NaN, degrees: 0 })
})
