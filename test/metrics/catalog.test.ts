import { describe, expect, it } from 'vitest'
import {
  latencyPartIds,
  metricById,
  metricIds,
  metrics,
  scoreMetric,
} from '../../src/metrics/catalog.ts'
import { isAtLeast } from '../../src/metrics/metric.ts'

describe('the catalogue of metrics', () => {
  it('has no duplicate ids', () => {
    expect(new Set(metricIds).size).toBe(metrics.length)
  })

  it('requires enough samples for a tail that one request lies beyond it', () => {
    for (const { id, quantile, minSamples } of metrics.filter((each) => each.quantile))
      expect([id, minSamples]).toEqual([id, quantile! > 0.5 ? Math.round(1 / (1 - quantile!)) : 1])
  })

  it('combines parts of latency arithmetically, so that they add up, and compares them by difference', () => {
    expect(latencyPartIds).toEqual(['wait', 'load', 'prefill', 'decode', 'outside'])
    for (const id of latencyPartIds)
      expect(metricById(id)).toMatchObject({ aggregation: 'arithmetic', change: 'difference' })
  })

  it('combines rates and latencies geometrically and compares them by ratio', () => {
    for (const each of metrics.filter(({ family }) => family === 'rate' || family === 'latency'))
      expect(each).toMatchObject({ aggregation: 'geometric', change: 'ratio' })
  })
})

describe('isAtLeast', () => {
  it('compares the prominence of a metric with a level', () => {
    expect(isAtLeast({ prominence: 'answer' }, 'headline')).toBe(true)
    expect(isAtLeast({ prominence: 'headline' }, 'headline')).toBe(true)
    expect(isAtLeast({ prominence: 'folded' }, 'headline')).toBe(false)
  })
})

describe('metricById', () => {
  it('returns a score for any check name, even with dots', () => {
    expect(metricById('score.类别准确性')).toEqual(scoreMetric('类别准确性'))
    expect(metricById('score.a.b')).toMatchObject({ id: 'score.a.b', check: 'a.b' })
  })

  it.each(['', 'score.', 'qPS', 'toString', 'latency'])('returns undefined for `%s`', (id) => {
    expect(metricById(id)).toBeUndefined()
  })
})
