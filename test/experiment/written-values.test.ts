import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { metricById } from '../../src/metrics/catalog.ts'
import { parseDuration } from '../../src/experiment/values/duration.ts'
import {
  convertAmount,
  parseAmount,
  parseRecordedFigure,
  parseRate,
} from '../../src/experiment/values/amount.ts'
import { type Reading, isRead } from '../../src/experiment/values/reading.ts'
import { claimAmount, parseThreshold } from '../../src/experiment/values/threshold.ts'

function value<T>(reading: Reading<T>): T | string {
  return isRead(reading) ? reading.value : reading.message
}

describe('durations', () => {
  it.each([
    ['30s', 30_000],
    ['500ms', 500],
    ['5m', 300_000],
    ['5min', 300_000],
    ['1h30m', 5_400_000],
    ['1.5s', 1500],
  ])('reads %s', (text, ms) => expect(value(parseDuration(text))).toBe(ms))

  it.each(['', '30', 's', '30 s', '-1s', '1e3s', '30S', '8d', '200h'])('refuses %s', (text) =>
    expect(isRead(parseDuration(text))).toBe(false),
  )
})

describe('rates', () => {
  it.each([
    ['6/s', 6],
    ['90/min', 1.5],
    ['0.5/s', 0.5],
  ])('reads %s', (text, perSecond) => expect(value(parseRate(text))).toBe(perSecond))

  it.each(['6', '0/s', '1000000/s', '6/fortnight', '/s'])('refuses %s', (text) =>
    expect(isRead(parseRate(text))).toBe(false),
  )
})

describe('figures from a document', () => {
  it.each([
    ['6.53/s', '1/s', { value: 6.53 }],
    ['397.75ms', 'ms', { value: 397.75 }],
    ['90,725.5ms', 'ms', { value: 90_725.5 }],
    ['45.4s', 'ms', { value: 45_400 }],
    ['~45.4s', 'ms', { value: 45_400, approximate: true }],
    ['约 333 ms', 'ms', { value: 333, approximate: true }],
    ['5.28 tokens/s', 'tokens/s', { value: 5.28 }],
    ['100% (2/2)', '%', { value: 100, counts: { part: 2, whole: 2 } }],
    ['66.7% (2/3)', '%', { value: 66.7, counts: { part: 2, whole: 3 } }],
    [221, 'count', { value: 221 }],
    ['13.95 tokens', 'tokens', { value: 13.95 }],
  ] as const)('reads %s', (text, unit, figure) =>
    expect(value(parseRecordedFigure(text, unit))).toEqual(figure),
  )

  it.each([
    [6.53, '1/s'],
    ['5ms', '1/s'],
    ['-5ms', 'ms'],
    ['100% (1/2)', '%'],
    ['150% (3/2)', '%'],
    ['1.2.3ms', 'ms'],
    ['1,23ms', 'ms'],
  ] as const)('refuses %s', (text, unit) =>
    expect(isRead(parseRecordedFigure(text, unit))).toBe(false),
  )

  it('keeps the written digits when converting units', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 10 ** 9 }), (hundredths) => {
        const text = (hundredths / 100).toFixed(2)
        const amount = parseAmount(`${text}s`)
        expect(isRead(amount) && convertAmount(amount.value, 'ms')).toBe(hundredths * 10)
      }),
    )
  })
})

describe('thresholds', () => {
  const amount = (text: string, kind: 'change' | 'ratio' | 'value', id: string) => {
    const threshold = parseThreshold(text)
    return isRead(threshold)
      ? value(claimAmount(threshold.value.amount, kind, metricById(id)!))
      : threshold.message
  }

  it('reads thresholds in percent, in points, or in the unit of the metric', () => {
    expect(amount('<= -30%', 'change', 'latencyP95')).toBe(-30)
    expect(amount('>= 80%', 'ratio', 'qps')).toBe(80)
    expect(amount('>= 0.8x', 'ratio', 'qps')).toBe(80)
    expect(amount('≤ 0.5s', 'value', 'latencyP95')).toBe(500)
    expect(amount('>= -5pp', 'change', 'score.x')).toBe(-5)
    expect(amount('<= -50ms', 'change', 'wait')).toBe(-50)
    expect(amount('>= 95%', 'value', 'okRate')).toBe(95)
  })

  it.each([
    ['<= -50ms', 'change', 'latencyP95'],
    ['<= 500', 'value', 'latencyP95'],
    ['>= 5%', 'change', 'score.x'],
    ['>= 90%', 'ratio', 'okRate'],
    ['>= 500ms', 'value', 'qps'],
  ] as const)('refuses %s as a %s of %s', (text, kind, id) => {
    expect(amount(text, kind, id)).toBeTypeOf('string')
  })
})
