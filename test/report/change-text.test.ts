import { describe, expect, it } from 'vitest'
import { metricById, type MetricId } from '../../src/metrics/catalog.ts'
import { changeInterval, changeText } from '../../src/report/figure-text.ts'
import { wordsOf } from '../support/report-parts.ts'

const words = wordsOf('en')

function textsOf(id: MetricId, value: number, low: number, high: number): string {
  const change = { metric: metricById(id)!, interval: { low, high, confidence: 0.95 } }
  return `${changeText(change, value, words)} ${changeInterval(change, change.interval, words)}`
}

describe('a change and its interval', () => {
  it('are multiples as soon as the upper end is one', () => {
    expect(textsOf('longestGap', 877.6, 695.2, 1100)).toBe('9.8x (8.0x, 12x)')
    expect(textsOf('longestGap', 1248, 896.3, 1700)).toBe('13x (10x, 18x)')
    expect(textsOf('latencyMean', 8.3, -1.2, 18.7)).toBe('+8.3% (-1.2%, +18.7%)')
  })

  it('are whole milliseconds if one of them has three digits before the decimal point', () => {
    expect(textsOf('wait', -3503.04, -3925.9, -3080.2)).toBe('-3,503 ms (-3,926, -3,080)')
    expect(textsOf('wait', 31.4, -60.2, 123)).toBe('+31 ms (-60, +123)')
    expect(textsOf('outside', 1.04, 0.1, 1.94)).toBe('+1.0 ms (+0.1, +1.9)')
  })
})
