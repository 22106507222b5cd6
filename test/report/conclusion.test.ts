import { describe, expect, it } from 'vitest'
import type { Analysis } from '../../src/analysis/analysis.ts'
import { renderReport } from '../../src/report/report.ts'
import { analysisOf, roundsOf } from '../analysis/simulated-analysis.ts'
import { diagnosePair } from '../diagnosis/support/pairs.ts'
import { experimentOf, inputOf, measuredConfig, recordedConfig } from './support/analysis.ts'

describe('the conclusion of an experiment that compares nothing', () => {
  const of = (...configs: Parameters<typeof experimentOf>[0]) => {
    const experiment = experimentOf(configs)
    const rounds = configs.flatMap(({ kind, key }) =>
      kind === 'measured' ? [[key, roundsOf(key, 3, () => ({}))] as const] : [],
    )
    const analysis = analysisOf(experiment, Object.fromEntries(rounds))
    const input = inputOf(experiment, analysis, { locale: 'en' })
    return /^## Conclusion\n([^]*?)\n## /m.exec(renderReport(input))?.[1] ?? ''
  }

  it('names its headline figures', () => {
    expect(of(measuredConfig('alone'))).toMatch(
      /^- alone: QPS [\d.]+\/s, throughput [\d.]+ tokens\/s, mean latency [\d.]+ ms, P95 /m,
    )
  })

  it('names those of each config', () => {
    const conclusion = of(measuredConfig('one'), measuredConfig('other'))
    expect(conclusion.match(/^- (?:one|other): QPS/gm)).toEqual(['- one: QPS', '- other: QPS'])
  })

  it('names the recorded figures', () => {
    const figures = [{ metric: 'latencyMean', value: 475.25 }]
    expect(of(recordedConfig('document', { figures }))).toContain(
      'document: mean latency 475.25 ms',
    )
  })
})

describe('a ratio in the conclusion without an interval', () => {
  const pace = { near: 1, far: 3 } as const
  const conclusionOf = (rounds: number, document = false) => {
    const near = measuredConfig('near')
    const far = document
      ? recordedConfig('far', { figures: [{ metric: 'latencyMean', value: 700 }] })
      : measuredConfig('far')
    const experiment = experimentOf([near, far], { baseline: 'near', rounds })
    const keys = document ? (['near'] as const) : (['near', 'far'] as const)
    const stored = keys.map(
      (key) => [key, roundsOf(key, rounds, () => ({ pace: pace[key] }))] as const,
    )
    const analysis = analysisOf(experiment, Object.fromEntries(stored))
    const report = renderReport(inputOf(experiment, analysis, { locale: 'en' }))
    return /^- \*\*far: mean latency is [^\n]*/m.exec(report)?.[0]
  }

  it('is said to be untested', () => {
    expect(conclusionOf(2)).toMatch(/ that of near\*\* \(not tested: fewer than 3 rounds\)$/)
    expect(conclusionOf(6, true)).toMatch(/\*\* \(figures from a document, not tested\)$/)
  })

  it('needs no such note with one', () => {
    expect(conclusionOf(6)).toMatch(/\*\* \([\d.]+x, [\d.]+x\)$/)
  })
})

describe('the causes in the conclusion', () => {
  const { experiment, analysis, diagnosis } = diagnosePair({
    slow: { facts: { slots: 1 }, server: { slots: 1 } },
    fast: {},
  })
  const reportOf = (ratios: Analysis['ratios']) =>
    renderReport(inputOf(experiment, { ...analysis, ratios }, { diagnosis, locale: 'en' }))
  const conclusionOf = (ratios: Analysis['ratios']) =>
    /^## Conclusion\n([^]*?)\n## /m.exec(reportOf(ratios))?.[1] ?? ''
  const open = analysis.ratios.map((ratio) =>
    ratio.config === 'slow'
      ? { ...ratio, intervalInConclusion: { low: 0.95, high: 1.2, confidence: 0.993 } }
      : ratio,
  )

  it('are named if the conclusion states a difference', () => {
    expect(conclusionOf(analysis.ratios)).toContain('Cause: More users than slots')
  })

  it('are not named beside a ratio without a clear difference', () => {
    const conclusion = conclusionOf(open)
    expect(conclusion).toContain('no detectable difference in mean latency')
    expect(conclusion).not.toContain('More users than slots')
  })

  it('have a section that says so if the difference is clear in the tables only', () => {
    const said = 'clear at 95%, but not at the stricter level of the conclusion'
    expect(reportOf(analysis.ratios)).not.toContain(said)
    expect(reportOf(open)).toContain(said)
  })

  it('are not named beside configs that are not compared', () => {
    const pair = diagnosePair({
      slow: { facts: { slots: 1, serverVersion: '0.11.4' }, server: { slots: 1 } },
      fast: {},
    })
    const input = inputOf(pair.experiment, pair.analysis, {
      diagnosis: pair.diagnosis,
      locale: 'en',
    })
    const report = renderReport(input)
    const conclusion = /^## Conclusion\n([^]*?)\n## /m.exec(report)?.[1] ?? ''
    expect(conclusion).toContain('slow and fast are not compared: not comparable')
    expect(conclusion).not.toContain('Cause')
    expect(report).toContain('More users than slots')
  })
})
