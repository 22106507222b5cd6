import { describe, expect, it } from 'vitest'
import { columnKeys, sortKey } from '../../src/page/tables.ts'

describe('the number by which a cell is sorted', () => {
  it.each([
    ['5,412', { unit: '', value: 5412 }],
    ['-3,503.0 ms ⬆️ (-3,925.9, -3,080.2)', { unit: 'ms', value: -3503 }],
    ['+17.7% ⬆️ (+11.3%, +24.5%)', { unit: '%', value: 17.7 }],
    ['0.0 个百分点 ≈ (-2.8, +2.8)', { unit: '个百分点', value: 0 }],
    ['1.14x (1.07x, 1.22x)', { unit: 'x', value: 1.14 }],
    ['100% (132/132)', { unit: '%', value: 100 }],
    ['≤ -30%', { unit: '%', value: -30 }],
    ['±5 points', { unit: 'points', value: 5 }],
    ['0.387', { unit: '', value: 0.387 }],
    ['2026-11-30', { unit: 'date', value: 20_261_130 }],
    ['1x (baseline)', { unit: 'x', value: 1 }],
    ['-1,092', { unit: '', value: -1092 }],
  ])('of %s', (text, key) => {
    expect(sortKey(text)).toEqual(key)
  })

  it.each(['n<100', '', '-', '不比较', 'H1 faster', 'v1.0', '≈', '✅ 成立'])(
    'is absent for %j',
    (text) => {
      expect(sortKey(text)).toBeUndefined()
    },
  )
})

describe('the numbers of a column', () => {
  it('make a percentage of the factor by which a large change is written', () => {
    expect(columnKeys(['+877.6% ⬇️', '13x ⬇️ (+896.3%, 18x)', 'not compared'])).toEqual([
      { unit: '%', value: 877.6 },
      { unit: '%', value: 1200 },
      undefined,
    ])
  })

  it('leave a column of ratios unchanged', () => {
    expect(columnKeys(['1x', '136x'])).toEqual([
      { unit: 'x', value: 1 },
      { unit: 'x', value: 136 },
    ])
  })

  it('are absent in a column of words', () => {
    expect(columnKeys(['better', 'worse', ''])).toBeUndefined()
  })
})
