import stringWidth from 'string-width'
import { describe, expect, it } from 'vitest'
import { columns } from '../../src/format/plain-text.ts'
import { dayOf, dateAndMinute, period } from '../../src/format/date.ts'
import {
  bytes,
  decimalsFor,
  durationText,
  fixed,
  percentChange,
  ratio,
  percentage,
  signed,
  writtenDecimals,
} from '../../src/format/number.ts'

describe('numbers', () => {
  it.each([
    [1032.95, 2, '1,032.95'],
    [90_725.5, 1, '90,725.5'],
    [1_234_567, 0, '1,234,567'],
    [999.95, 1, '1,000.0'],
    [-1234.5, 0, '-1,235'],
    [-0.04, 1, '0.0'],
    [100, 0, '100'],
  ])('writes %d with %d decimals as %s', (value, decimals, shown) => {
    expect(fixed(value, decimals)).toBe(shown)
  })

  // Changes computed from figures of a published comparison, which states -17.6% for the last pair.
  it.each([
    [6.53, 7.07, '+8.3%'],
    [5.28, 6.11, '+15.7%'],
    [397.75, 332.97, '-16.3%'],
    [668.6, 370.56, '-44.6%'],
    [1032.95, 850.48, '-17.7%'],
  ])('writes the change from %d to %d as %s', (from, to, shown) => {
    expect(percentChange((to / from - 1) * 100)).toBe(shown)
  })

  it('writes a change as a multiple if the upper end of its interval is one', () => {
    expect(percentChange(877.6, 1100)).toBe('9.8x')
    expect(percentChange(695.2, 1100)).toBe('8.0x')
    expect(percentChange(695.2)).toBe('+695.2%')
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
  ])('writes the ratio %d as %s', (value, shown) => {
    expect(ratio(value)).toBe(shown)
  })

  it.each([
    [100, '100%'],
    [99.97, '99.9%'],
    [0, '0.0%'],
    [0.01, '<0.1%'],
    [72.5, '72.5%'],
  ])('writes the share %d as %s, and never rounds to 0% or 100%', (value, shown) => {
    expect(percentage(value)).toBe(shown)
  })

  it('writes no sign before a zero', () => {
    expect([signed(0.04), signed(-0.04), signed(0.05), signed(-8.04)]).toEqual([
      '0.0',
      '0.0',
      '+0.1',
      '-8.0',
    ])
  })

  it('gives a column the decimals that show three digits of its smallest value', () => {
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
  ])('writes %d bytes as %s', (value, shown) => {
    expect(bytes(value)).toBe(shown)
  })

  it.each([
    [250, '250 ms'],
    [1500, '1.5 s'],
    [30_000, '30 s'],
    [300_000, '5 min'],
    [330_000, '5 min 30 s'],
    [4_800_000, '1 h 20 min'],
  ])('writes the duration %d ms as %s', (value, shown) => {
    expect(durationText(value)).toBe(shown)
  })
})

describe('dates', () => {
  it('shows a date with its stored UTC offset', () => {
    expect(dateAndMinute('2025-08-08T14:40:12+08:00')).toBe('2025-08-08 14:40 (UTC+8)')
    expect(dateAndMinute('2025-08-08T14:40:12.345Z')).toBe('2025-08-08 14:40 (UTC)')
    expect(dateAndMinute('2025-08-08T14:40:12-03:30')).toBe('2025-08-08 14:40 (UTC-3:30)')
    expect(dateAndMinute('2025-08-06')).toBe('2025-08-06')
    expect(dayOf('2025-08-08T23:59:59+08:00')).toBe('2025-08-08')
  })

  it('shows a period of one day with one date, of two days with two', () => {
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

describe('columns', () => {
  it('are aligned even if some characters are two columns wide', () => {
    const lines = columns([
      ['配置', 'x'],
      ['a', '指标'],
      ['🔄 b', 'y'],
    ])
    expect(lines.map((line) => stringWidth(line.slice(0, line.search(/[x指y]/))))).toEqual([
      6, 6, 6,
    ])
  })
})
