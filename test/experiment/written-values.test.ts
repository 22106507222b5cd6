import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { metricById } from '../../src/metrics/catalog.ts'
import {
  convertAmount,
  parseAmount,
  parseRate,
  parseDuration,
} from '../../src/experiment/values/amount.ts'
import { type Reading, isRead } from '../../src/experiment/values/reading.ts'
import { readFigure } from '../../src/experiment/values/recorded-figure.ts'
import { parseRecorded } from '../../src/experiment/values/recorded-text.ts'
import { claimAmount, parseThreshold } from '../../src/experiment/values/threshold.ts'

function value<T>(reading: Reading<T>): T | string {
  return isRead(reading) ? reading.value : reading.message
}

function hintOf(reading: Reading<unknown>): string | undefined {
  return isRead(reading) ? undefined : reading.hint
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

  it.each([
    ['30 ms', 'write `30ms`'],
    ['30 seconds', 'write `30s`'],
    ['1:30', 'write the units: `1m30s`, not `1:30`'],
    ['00:01:30', 'write the units: `00h01m30s`, not `00:01:30`'],
    ['2 minutes', 'write `2m`'],
    ['1.5 h', 'write `90m`'],
    ['1h 30m', 'write `90m`'],
    ['30', 'add the unit: `30ms` or `30s`'],
    ['30 days', 'write a number with its unit, such as `500ms`, `5m` or `1h20m`'],
    ['200h', 'write a number with its unit, such as `30s`, `500ms`, `5m` or `1h20m`'],
  ])('hints at the spelling of %s', (text, hint) => expect(hintOf(parseDuration(text))).toBe(hint))
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

  it.each([
    ['6 rps', 'write `6/s`'],
    ['6 per second', 'write `6/s`'],
    ['120 req/min', 'write `120/min`'],
    ['1.2k req/s', 'write `1200/s`'],
    ['6', 'add the unit: `6/s`, `6/min` or `6/h`'],
    ['6/fortnight', 'write requests over time, such as `90/min` or `100/h`'],
  ])('hints at the spelling of %s', (text, hint) => expect(hintOf(parseRate(text))).toBe(hint))
})

describe('hints', () => {
  const numbersWithUnit = /(\d+(?:\.\d+)?) ?(ms|s|min|m|h|%|pp|x)(?![a-z])/g
  const canBeMeant = (unit: string, written: string) =>
    ({ m: ['min', 'm', 'minutes'], s: ['s', 'seconds'], pp: ['%'] })[unit]?.includes(written) ??
    unit === written

  it('put the number of the file with another unit only if that can be meant: without a unit, for the same amount, or for points in place of percent', () => {
    const number = fc.constantFrom(30, 500, 5, 1, 20, 80, 0.8, 6, 90, 100, 250, 3)
    const units = ['ms', 's', 'seconds', 'min', 'minutes', 'tokens', '%', 'days', 'furlongs', '/s']
    fc.assert(
      fc.property(number, fc.constantFrom(...units), (amount, unit) => {
        const text = `${amount} ${unit}`
        const threshold = parseThreshold(`<= ${text}`)
        const hints = [
          hintOf(parseDuration(text)),
          hintOf(parseRate(text)),
          hintOf(parseThreshold(text)),
          ...(['change', 'ratio', 'value', 'same'] as const).flatMap((kind) =>
            ['latencyP95', 'qps', 'score.x', 'promptTokens'].map((id) =>
              isRead(threshold)
                ? hintOf(claimAmount(threshold.value.amount, kind, metricById(id)!))
                : threshold.hint,
            ),
          ),
        ]
        for (const hint of hints)
          for (const [, other, otherUnit = ''] of (hint ?? '').matchAll(numbersWithUnit))
            expect([other !== String(amount) || canBeMeant(otherUnit, unit), hint]).toEqual([
              true,
              hint,
            ])
      }),
    )
  })
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
    ['114 token(s)', 'tokens', { value: 114 }],
    ['1,024', 'tokens', { value: 1024 }],
    ['53.2 t/s', 'tokens/s', { value: 53.2 }],
    ['53.2 TPS', 'tokens/s', { value: 53.2 }],
    ['53.2 tokens per second', 'tokens/s', { value: 53.2 }],
    ['1.2k tokens/s', 'tokens/s', { value: 1200 }],
    ['475.08 ± 8.65 t/s', 'tokens/s', { value: 475.08, spread: 8.65 }],
    ['2.95 requests/s', '1/s', { value: 2.95 }],
    ['2.95 rps', '1/s', { value: 2.95 }],
    ['120 req/min', '1/s', { value: 2 }],
    ['1m32.5s', 'ms', { value: 92_500 }],
    ['1h2m3s', 'ms', { value: 3_723_000 }],
    ['7.56 seconds', 'ms', { value: 7560 }],
    ['26.33µs', 'ms', { value: 0.02633 }],
    ['11114031ns', 'ms', { value: 11.114031 }],
    ['56.62 ms per token', 'ms/token', { value: 56.62 }],
    ['13234219.77 ns/token', 'ms/token', { value: 13.23421977 }],
    ['0.0123 s/token', 'ms/token', { value: 12.3 }],
    ['100% (1,000/1,000)', '%', { value: 100, counts: { part: 1000, whole: 1000 } }],
    ['3 / 4', '%', { value: 75, counts: { part: 3, whole: 4 } }],
    ['100% GPU', '%', { value: 100 }],
    ['100% CPU', '%', { value: 0 }],
    ['48%/52% CPU/GPU', '%', { value: 52 }],
    ['48% / 52% cpu/gpu', '%', { value: 52 }],
    ['52%/48% GPU/CPU', '%', { value: 52 }],
    ['１２．５ｍｓ', 'ms', { value: 12.5 }],
    ['99％', '%', { value: 99 }],
    ['1\u202f234.5\u00a0ms', 'ms', { value: 1234.5 }],
    ["1'234 ms", 'ms', { value: 1234 }],
    ['26.33\u00b5s', 'ms', { value: 0.02633 }],
    ['26.33\u03bcs', 'ms', { value: 0.02633 }],
    ['1m 30s', 'ms', { value: 90_000 }],
    ['312.45 ms ± 4.2 ms', 'ms', { value: 312.45, spread: 4.2 }],
    ['312.5 ms (± 2%)', 'ms', { value: 312.5, spread: 6.25 }],
    ['312.45 +- 4.2 ms', 'ms', { value: 312.45, spread: 4.2 }],
    ['1.2s ± 30ms', 'ms', { value: 1200, spread: 30 }],
    ['1.2s ± 0.03', 'ms', { value: 1200, spread: 30 }],
    ['97.5% ± 1.5', '%', { value: 97.5, spread: 1.5 }],
    ['99% ± 1% (99/100)', '%', { value: 99, spread: 1, counts: { part: 99, whole: 100 } }],
    ['about 42 tok/s', 'tokens/s', { value: 42, approximate: true }],
    ['1.5k t/s', 'tokens/s', { value: 1500 }],
    ['45.2 [#/sec] (mean)', '1/s', { value: 45.2 }],
    ['1.2k req/s', '1/s', { value: 1200 }],
    ['2.5 请求/秒', '1/s', { value: 2.5 }],
    ['23.5ms', 'ms/token', { value: 23.5 }],
    ['75% (3 of 4)', '%', { value: 75, counts: { part: 3, whole: 4 } }],
  ] as const)('reads %s', (text, unit, figure) =>
    expect(value(parseRecorded(text, unit))).toEqual(figure),
  )

  it.each([
    [6.53, '1/s'],
    ['5ms', '1/s'],
    ['-5ms', 'ms'],
    ['100% (1/2)', '%'],
    ['150% (3/2)', '%'],
    ['1.2.3ms', 'ms'],
    ['1,23ms', 'ms'],
    ['1.0', '%'],
    ['1k', 'tokens'],
    ['40-80 tokens/s', 'tokens/s'],
    ['>60 tokens/s', 'tokens/s'],
    ['4:20', 'ms'],
    ['—', 'ms'],
    ['101%', '%'],
    ['3/0', '%'],
    ['48%/53% CPU/GPU', '%'],
    ['2.5', 'count'],
    ['500+ ms', 'ms'],
    ['1 234 ms', 'ms'],
    ['10⁵ ms', 'ms'],
    ['3s 4s', 'ms'],
    ['1.2.3m 4s', 'ms'],
    ['5 m s', 'ms'],
    ['1e999ms', 'ms'],
    ['312 ms ± 4 tokens', 'ms'],
    ['4 M', 'ms'],
  ] as const)('refuses %s', (text, unit) => expect(isRead(parseRecorded(text, unit))).toBe(false))

  const decodeSpeed = metricById('decodeSpeed')!
  const runs = [{ value: 5.21 }, { value: 5.3 }, { value: 5.18 }]

  it.each([
    [['5.21 tokens/s', '5.30 t/s', '5.18 tok/s']],
    ['[5.21, 5.30, 5.18] tokens/s'],
    ['[5.21,5.30,5.18] t/s'],
    ['[5.21 t/s; 5.30 t/s; 5.18 t/s]'],
    ['［5.21、5.30、5.18］ tokens/s'],
  ])('reads %s as three runs with their geometric mean', (written) => {
    const { value: mean, ...figure } = value(readFigure(decodeSpeed, written)) as { value: number }
    expect(mean).toBeCloseTo((5.21 * 5.3 * 5.18) ** (1 / 3), 12)
    expect(figure).toEqual({ metric: 'decodeSpeed', runs })
  })

  it('pools the counts of several runs, and takes the mean of shares without counts', () => {
    const okRate = metricById('okRate')!
    expect(value(readFigure(okRate, ['100% (10/10)', '29/30']))).toMatchObject({
      value: 97.5,
      counts: { part: 39, whole: 40 },
    })
    expect(value(readFigure(okRate, ['100%', '97%']))).toMatchObject({ value: 98.5 })
  })

  it('keeps groups of three digits together in a list with spaces, and refuses a list that may be either', () => {
    const latency = metricById('latencyMean')!
    expect(value(readFigure(latency, '[1,024, 1,010] ms'))).toMatchObject({
      runs: [{ value: 1024 }, { value: 1010 }],
    })
    expect(readFigure(latency, '[1,024,1,010] ms')).toMatchObject({
      hint: 'write a space after each comma between two runs',
    })
  })

  it('keeps a spread with what the document says about it, and what the figure says instead', () => {
    const written = '475 ± 9 tokens/s'
    expect(value(readFigure(decodeSpeed, written))).toEqual({
      metric: 'decodeSpeed',
      value: 475,
      spread: { value: 9 },
    })
    expect(value(readFigure(decodeSpeed, written, { spread: 'sd', runs: 5 }))).toMatchObject({
      spread: { value: 9, kind: 'sd', runs: 5 },
    })
    const own = { value: written, spread: 'se' } as const
    expect(value(readFigure(decodeSpeed, own, { spread: 'sd', runs: 5 }))).toMatchObject({
      spread: { value: 9, kind: 'se', runs: 5 },
    })
  })

  it.each([
    [['5.21 tokens/s', '5.30'], [1]],
    [['5.21 ± 0.1 tokens/s', '5.30 tokens/s'], [0]],
    [[], []],
    [{ value: '475 tokens/s', spread: 'sd' as const }, ['value']],
    [{ value: '475 furlongs' }, ['value']],
  ])('names the part of %j that is wrong', (written, at) =>
    expect(readFigure(decodeSpeed, written)).toMatchObject({ at }),
  )

  it('refuses several values of a number that is set', () =>
    expect(readFigure(metricById('users')!, [3, 4])).toMatchObject({ hint: 'write one number' }))

  it.each([
    ['300', 'ms', 'add the unit: `300ms` or `300s`'],
    ['53.2', 'tokens/s', 'add the unit: `53.2 tokens/s`'],
    ['1.0', '%', 'write it in `%`, such as `90%`'],
    ['5 furlongs', 'ms', 'write it in `ms`, `s`, `min`, `h`, `us` or `ns`, such as `90ms`'],
    ['53,2 tokens/s', 'tokens/s', 'write a decimal point: `53.2`, not `53,2`'],
    ['1.234,5 ms', 'ms', 'write a decimal point: `1234.5`, not `1.234,5`'],
    ['90 furlongs', 'ms', 'write it in `ms`, `s`, `min`, `h`, `us` or `ns`, such as `45ms`'],
    ['12:30', 'ms', 'write the units: `12m30s`, not `12:30`'],
    ['1:04:20', 'ms', 'write the units: `1h04m20s`, not `1:04:20`'],
    ['500..800 ms', 'ms', 'write one number, not a limit or a range'],
    ['1 234 ms', 'ms', 'write the number without spaces: `1234 ms`'],
    ['NaN', 'ms', 'remove the line if the value is not known'],
  ] as const)(
    'gives a hint for %s that does not put its number with another unit',
    (text, unit, hint) => {
      const reading = parseRecorded(text, unit)
      expect(isRead(reading) ? undefined : reading.hint).toBe(hint)
    },
  )

  it.each(['42/43', '42 of 43', '98% (42/43)', 'offloaded 42/43 layers to GPU', '42 layers'])(
    'refuses %s as a share of memory, because it counts layers',
    (text) =>
      expect(readFigure(metricById('gpuShare')!, text)).toMatchObject({
        message: `\`${text}\` counts layers, but \`gpuShare\` is a share of memory`,
      }),
  )

  it.each(['97%', '3%/97% CPU/GPU', '100% GPU'])('reads %s as a share of memory', (text) =>
    expect(readFigure(metricById('gpuShare')!, text)).toHaveProperty('value'),
  )

  it('reads counts of another share, which are no layers', () => {
    expect(readFigure(metricById('okRate')!, '42/43')).toHaveProperty('value')
  })

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
    expect(amount('>= 1.2×', 'ratio', 'qps')).toBe(120)
    expect(amount('<= –30%', 'change', 'latencyP95')).toBe(-30)
    expect(amount('>= 20 t/s', 'value', 'decodeSpeed')).toBe(20)
  })

  it.each([
    ['>= 5', 'value', 'qps', 'write `">= 5/s"`: it is measured in 1/s'],
    ['<= 500 tokens', 'value', 'latencyP95', 'write `"<= 250ms"`: it is measured in ms'],
    ['<= -5ms', 'change', 'latencyP95', 'write `"<= -10%"`'],
    ['>= 80ms', 'ratio', 'qps', 'write `">= 75%"` or `">= 0.8x"`'],
    ['>= 5%', 'change', 'score.x', 'write `">= 5pp"`: shares and scores change in points'],
  ] as const)(
    'keeps the number of %s as a %s of %s in its hint only if it can be meant',
    (text, kind, id, hint) => {
      const reading = parseThreshold(text)
      expect(
        isRead(reading) && hintOf(claimAmount(reading.value.amount, kind, metricById(id)!)),
      ).toBe(hint)
    },
  )

  it.each([
    ['-30%', 'put a comparison before it: `"<= -30%"` or `">= -30%"`'],
    ['=< 5%', 'did you mean `<= 5%`?'],
    [
      '>= a lot',
      'write a comparison and an amount, such as `"<= -30%"`, `">= 80%"` or `"<= 500ms"`',
    ],
  ])('hints at the comparison of %s', (text, hint) =>
    expect(hintOf(parseThreshold(text))).toBe(hint),
  )

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
