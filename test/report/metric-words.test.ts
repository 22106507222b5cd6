import { describe, expect, it } from 'vitest'
import { locales } from '../../src/format/locales.generated.ts'
import { metricById, metrics, type Metric, scoreMetric } from '../../src/metrics/catalog.ts'
import { readMetricWords } from '../../src/report/labels.ts'
import { shippedTemplates } from '../support/templates.ts'

const chinese = readMetricWords(shippedTemplates('zh-CN'))
const english = readMetricWords(shippedTemplates('en'))

describe('the words of metrics', () => {
  it.each(locales)('label every metric differently and define it in a sentence in %s', (locale) => {
    const words = readMetricWords(shippedTemplates(locale))
    expect(new Set(metrics.map((metric) => words.label(metric))).size).toBe(metrics.length)
    for (const metric of metrics) expect(words.definition(metric)).toMatch(/[.。]$/)
  })

  it('state the minimum number of requests, or of gaps between tokens, of each tail', () => {
    for (const metric of metrics.filter(({ minSamples }) => minSamples > 1)) {
      const [things, counted] = metric.id.startsWith('itl')
        ? ['gaps', '间隔']
        : ['requests', '请求']
      expect(english.definition(metric)).toContain(`, at least ${metric.minSamples} ${things}`)
      expect(chinese.definition(metric)).toContain(`至少 ${metric.minSamples} 个${counted}`)
    }
  })

  it('use the labels of the source document in Chinese', () => {
    const ids = ['qps', 'throughput', 'okRate', 'latencyMean', 'latencyP95', 'outputTokens']
    expect(ids.map((id) => chinese.labelOf(id))).toEqual([
      'QPS',
      '吞吐量',
      '成功率',
      '平均延迟',
      'P95延迟',
      '平均响应长度',
    ])
  })

  it('give labels their form inside a sentence', () => {
    expect(english.inSentence(metric('latencyMean'))).toBe('mean latency')
    expect(english.inSentence(metric('latencyP95'))).toBe('P95 latency')
    expect(english.inSentence(scoreMetric('Tone'))).toBe('Tone')
    expect(chinese.inSentence(metric('latencyP95'))).toBe('P95 延迟')
  })

  it('label a score with the name of its check, and define it by how the check judges', () => {
    expect(english.label(scoreMetric('类别'))).toBe('类别')
    expect(english.definition(scoreMetric('x', 'exact'))).toBe(
      'Share of answers equal to the label. One result per sample (the mean of its repeats), then the mean over distinct samples.',
    )
    expect(chinese.definition(scoreMetric('x'))).toBe(
      '数据集自带的检查。每个样本一个结果 (重复提问取平均)，再按不同样本取平均。',
    )
  })

  it('return an id that is not a metric unchanged', () => {
    expect(english.labelOf('eval_count')).toBe('eval_count')
  })
})

function metric(id: string): Metric {
  const found = metricById(id)
  if (!found) throw new Error(id)
  return found
}
