import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { renderReport } from '../../src/report/report.ts'
import { roundedToSum } from '../../src/report/latency-parts.ts'
import { analysisOf, experimentOf, inputOf, measuredConfig } from './support/analysis.ts'

describe('latency parts', () => {
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
            const exact = (values[index] ?? 0) * unit
            expect(Math.abs(value - exact)).toBeLessThanOrEqual(1)
            expect(value * exact).toBeGreaterThanOrEqual(0)
          })
        },
      ),
    )
  })

  it('shows no difference with a sign that the exact one lacks', () => {
    const configs = [measuredConfig('a'), measuredConfig('b', { from: 'a' })]
    const experiment = experimentOf(configs)
    // rounded to their sums, `wait` is 1 in a and 0 in b, although b waits 0.07 ms longer
    const parts = [
      { wait: 0.45, load: 0.4, prefill: 40.3, decode: 160, outside: 1 },
      { wait: 0.52, load: 0.6, prefill: 80, decode: 300, outside: 0.9 },
    ]
    const analysis = analysisOf(
      experiment,
      configs.map((config, index) => ({ config, figures: { ...parts[index] } })),
    )
    const report = renderReport(inputOf(experiment, analysis, { locale: 'en' }))
    const rowOf = (name: string) =>
      report
        .split('\n')
        .find((line) => line.startsWith(`| ${name} |`) && line.split('|').length === 9)
        ?.split('|')
        .slice(2, -1)
        .map((cell) => cell.trim())
    expect(rowOf('a')).toEqual(['1', '0', '40', '160', '1', '202'])
    expect(rowOf('b')).toEqual(['0', '1', '80', '300', '1', '382'])
    expect(rowOf('**b minus a**')).toEqual(['0', '0', '+40', '+140', '0', '+180'])
  })

  it('splits the number that the table shows', () => {
    expect(roundedToSum([0.4, 0.07], 0, 1)).toEqual([1, 0])
    expect(roundedToSum([1.4, -0.2], 0, 1)).toEqual([1, 0])
  })
})
