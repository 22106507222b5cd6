import { describe, expect, it } from 'vitest'
import { metricById, metricIds, metrics } from '../../src/metrics/catalog.ts'
import { scoreMetric } from '../../src/metrics/score.ts'

describe('metrics', () => {
  it('have unique ids, and a label and a definition in each language', () => {
    expect(new Set(metricIds).size).toBe(metrics.length)
    for (const metric of metrics) {
      for (const locale of ['zh-CN', 'en'] as const) {
        expect(metric.label[locale]).not.toBe('')
        expect(metric.definition[locale]).not.toBe('')
      }
      expect(metric.definition['zh-CN']).toMatch(/。$/)
      expect(metric.definition.en).toMatch(/\.$/)
    }
  })

  it('are all those of the specification', () => {
    const families = ['latency', 'ttft', 'ttfo'].flatMap((prefix) =>
      ['Mean', 'P50', 'P95', 'P99'].map((statistic) => prefix + statistic),
    )
    const others =
      'qps throughput users requestedRate achievedRate requests okRate sampleTime tpot longestGap outputTokens promptTokens decodeSpeed prefillSpeed wait load prefill decode outside gpuShare latencyP99FromSchedule latencyMeanFromSchedule'
    for (const id of [...families, ...others.split(' ')]) expect(metricById(id)?.id).toBe(id)
  })

  it('show tails only from enough samples', () => {
    expect(metricById('latencyP95')).toMatchObject({ quantile: 0.95, minSamples: 20 })
    expect(metricById('ttftP99')).toMatchObject({ quantile: 0.99, minSamples: 100 })
    expect(metricById('latencyMean')).toMatchObject({ minSamples: 1 })
  })

  it('add up parts arithmetically, and rates by ratio', () => {
    for (const id of ['wait', 'load', 'prefill', 'decode', 'outside'])
      expect(metricById(id)).toMatchObject({ aggregation: 'arithmetic', change: 'difference' })
    expect(metricById('qps')).toMatchObject({ aggregation: 'geometric', direction: 'higher' })
    expect(metricById('latencyP95')).toMatchObject({ aggregation: 'geometric', direction: 'lower' })
  })

  it('take the names of the source document', () => {
    expect(
      ['qps', 'throughput', 'okRate', 'latencyMean', 'latencyP95', 'outputTokens'].map(
        (id) => metricById(id)?.label['zh-CN'],
      ),
    ).toEqual(['QPS', '吞吐量', '成功率', '平均延迟', 'P95延迟', '平均响应长度'])
  })
})

describe('metricById', () => {
  it('knows a score by the name of its check, dots included', () => {
    expect(metricById('score.类别准确性')).toEqual(scoreMetric('类别准确性'))
    expect(metricById('score.a.b')?.label.en).toBe('a.b')
  })

  it.each(['', 'score.', 'qPS', 'toString', 'latency'])('has nothing for `%s`', (id) => {
    expect(metricById(id)).toBeUndefined()
  })
})

describe('scoreMetric', () => {
  it('says how an answer is judged where the measure is known', () => {
    expect(scoreMetric('x', 'exact').definition.en).toMatch(
      /^Share of answers equal to the label\. One/,
    )
    expect(scoreMetric('x').definition['zh-CN']).toBe(
      '数据集自带的检查。每个样本一个结果 (重复提问取平均)，再按不同样本取平均。',
    )
  })
})
