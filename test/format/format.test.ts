import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { day, moment, period } from '../../src/format/date.ts'
import {
  bytes,
  decimalsFor,
  duration,
  fixed,
  percentChange,
  ratio,
  share,
  signed,
  writtenDecimals,
} from '../../src/format/number.ts'
import { roundedToSum } from '../../src/report/latency-parts.ts'

describe('numbers', () => {
  it.each([
    [1032.95, 2, '1,032.95'],
    [90_725.5, 1, '90,725.5'],
    [1_234_567, 0, '1,234,567'],
    [999.95, 1, '1,000.0'],
    [-1234.5, 0, '-1,235'],
    [-0.04, 1, '0.0'],
    [100, 0, '100'],
  ])('%d with %d decimals is %s', (value, decimals, shown) => {
    expect(fixed(value, decimals)).toBe(shown)
  })

  // The source document's derived figures, from its own inputs; where it says -17.6%, its inputs give -17.7%.
  it.each([
    [6.53, 7.07, '+8.3%'],
    [5.28, 6.11, '+15.7%'],
    [397.75, 332.97, '-16.3%'],
    [668.6, 370.56, '-44.6%'],
    [1032.95, 850.48, '-17.7%'],
  ])('from %d to %d is %s', (from, to, shown) => {
    expect(percentChange((to / from - 1) * 100)).toBe(shown)
  })

  it.each([
    [397.75 / 332.97, '1.2x'],
    [45_400 / 332.97, '136x'],
    [90_725.5 / 332.97, '272x'],
    [6.176, '6.2x'],
    [15.34, '15x'],
    [9.96, '10x'],
    [99.7, '100x'],
    [1, '1.0x'],
    [0.516, '0.52x'],
    [1234.5, '1,235x'],
  ])('%d times is %s', (value, shown) => {
    expect(ratio(value)).toBe(shown)
  })

  it.each([
    [100, '100%'],
    [99.97, '99.9%'],
    [0, '0.0%'],
    [0.01, '<0.1%'],
    [72.5, '72.5%'],
  ])('a share of %d is %s: only all is all, only none is none', (value, shown) => {
    expect(share(value)).toBe(shown)
  })

  it('never signs a zero', () => {
    expect([signed(0.04), signed(-0.04), signed(0.05), signed(-8.04)]).toEqual([
      '0.0',
      '0.0',
      '+0.1',
      '-8.0',
    ])
  })

  it('takes as many decimals as its smallest needs for three digits', () => {
    expect(
      [[6.33, 10.02], [88, 138.8], [470.2, 297.9], [0.0123], []].map((values) =>
        decimalsFor(values),
      ),
    ).toEqual([2, 1, 0, 4, 0])
    expect([397.75, 221, 13.9, 0.5].map(writtenDecimals)).toEqual([2, 0, 1, 1])
  })

  it.each([
    [34_359_738_368, '32 GiB'],
    [1_610_612_736, '1.5 GiB'],
    [512, '512 B'],
  ])('%d bytes are %s', (value, shown) => {
    expect(bytes(value)).toBe(shown)
  })

  it.each([
    [250, '250 ms'],
    [1500, '1.5 s'],
    [30_000, '30 s'],
    [300_000, '5 min'],
    [330_000, '5 min 30 s'],
    [4_800_000, '1 h 20 min'],
  ])('%d ms are %s', (value, shown) => {
    expect(duration(value)).toBe(shown)
  })

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

describe('dates', () => {
  it('are shown with the offset that was stored with them', () => {
    expect(moment('2025-08-08T14:40:12+08:00')).toBe('2025-08-08 14:40 (UTC+8)')
    expect(moment('2025-08-08T14:40:12.345Z')).toBe('2025-08-08 14:40 (UTC)')
    expect(moment('2025-08-08T14:40:12-03:30')).toBe('2025-08-08 14:40 (UTC-3:30)')
    expect(moment('2025-08-06')).toBe('2025-08-06')
    expect(day('2025-08-08T23:59:59+08:00')).toBe('2025-08-08')
  })

  it('make a period of one day, or of two', () => {
    expect(period('2025-08-08T14:21:03+08:00', '2025-08-08T14:40:12+08:00')).toBe(
      '2025-08-08 14:21-14:40 (UTC+8)',
    )
    expect(period('2025-08-08T23:50:00+08:00', '2025-08-09T00:10:00+08:00')).toBe(
      '2025-08-08 23:50 - 2025-08-09 00:10 (UTC+8)',
    )
    expect(period('2025-08-08T14:21:03+08:00', '2025-08-08T09:21:03+02:00')).toBe(
      '2025-08-08 14:21 (UTC+8) - 2025-08-08 09:21 (UTC+2)',
    )
  })
})
