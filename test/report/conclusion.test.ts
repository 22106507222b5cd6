import { describe, expect, it } from 'vitest'
import { renderReport } from '../../src/report/report.ts'
import { analysisOf, roundsOf } from '../analysis/simulated-analysis.ts'
import { experimentOf, inputOf, measuredConfig, recordedConfig } from './support/analysis.ts'

describe('the conclusion of an experiment with one config', () => {
  const of = (config: Parameters<typeof experimentOf>[0][number]) => {
    const experiment = experimentOf([config], { hypotheses: [] })
    const rounds =
      config.kind === 'measured' ? { [config.key]: roundsOf(config.key, 3, () => ({})) } : {}
    const input = inputOf(experiment, analysisOf(experiment, rounds), { locale: 'en' })
    return /^## Conclusion\n([^]*?)\n## /m.exec(renderReport(input))?.[1] ?? ''
  }

  it('names its headline figures', () => {
    expect(of(measuredConfig('alone'))).toMatch(
      /^- alone: QPS [\d.]+ 1\/s, throughput [\d.]+ tokens\/s, mean latency [\d.]+ ms, P95 /m,
    )
  })

  it('names the recorded figures', () => {
    const figures = [{ metric: 'latencyMean', value: 475.25 }]
    expect(of(recordedConfig('document', { figures }))).toContain(
      'document: mean latency 475.25 ms',
    )
  })
})
