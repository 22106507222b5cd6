import { describe, expect, it } from 'vitest'
import type { Analysis } from '../../src/analysis/analysis.ts'
import { renderReport } from '../../src/report/report.ts'
import { change } from '../analysis/claims.ts'
import { unfolded } from '../support/report-parts.ts'
import { analysisOf, experimentOf, inputOf, measuredConfig } from './support/analysis.ts'

const configs = [measuredConfig('native'), measuredConfig('tuned', { from: 'native' })]
type Outlier = Analysis['outliers'][number]
const outlier: Outlier = {
  config: 'tuned',
  round: 4,
  startedAt: '2025-08-08T14:21:03+08:00',
  ratio: 3.14,
  circumstances: {
    audits: [{ id: 'coldStart', outcome: 'fail', numbers: {} }],
    failedRequests: 2,
    facts: [{ id: 'loadAverage', value: 9.5, others: [0.3, 0.4] }],
  },
}

function report(
  locale: 'en' | 'zh-CN',
  { circumstances = outlier.circumstances, decides = false } = {},
) {
  const hypotheses = [{ id: 'H1', statement: 'faster', gate: false, claim: change('<=', -20) }]
  const experiment = experimentOf(configs, { locales: [locale], hypotheses })
  const analysis = analysisOf(
    experiment,
    configs.map((config, index) => ({ config, values: { latencyMean: 300 - index } })),
  )
  const outliers = [{ ...outlier, circumstances }]
  const [result] = analysis.hypotheses
  const verdict = { ...result!.verdict, ...(decides ? { decidedWithout: outliers } : {}) }
  const changed = { ...analysis, outliers, hypotheses: [{ ...result!, verdict }] }
  return renderReport(inputOf(experiment, changed, { locale }))
}

describe('a round far from the others', () => {
  it.each([
    [
      'en',
      'Round 4 of tuned** (2025-08-08 14:21 (UTC+8)): its median latency is 3.1x that of its other rounds, which is unlikely to be chance. Only in this round: failed check coldStart, 2 failed requests, machine load 9.5 (other rounds: 0.3, 0.4). It counts like any other round.',
      'H1: without round 4 of tuned, which lies far from its other rounds, the claim would be decided.',
    ],
    [
      'zh-CN',
      'tuned 第 4 轮** (2025-08-08 14:21 (UTC+8)): 延迟中位数是其余各轮的 3.1x，不像偶然。只在这一轮出现：未通过核对 coldStart，2 个请求失败，机器负载 9.5 (其余各轮：0.3、0.4)。这一轮照常计入。',
      'H1：tuned 第 4 轮远离其余各轮；不计这一轮，假设就能判断。',
    ],
  ] as const)(
    'is described in %s, and not folded if it changes a verdict',
    (locale, text, note) => {
      expect(report(locale)).toContain(text)
      expect(unfolded(report(locale))).not.toMatch(/round 4|第 4 轮/)
      expect(unfolded(report(locale, { decides: true }))).toContain(note)
    },
  )

  it('says so if the records show no reason', () => {
    const circumstances = { audits: [], failedRequests: 0, facts: [] }
    expect(report('en', { circumstances })).toContain('The records show no reason. It counts')
  })
})
