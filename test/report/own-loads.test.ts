/** Configs with loads, parts of a workload and datasets of their own, in the report. */
import { describe, expect, it } from 'vitest'
import { renderReport } from '../../src/report/report.ts'
import { change, fast, native, resultOf, slow, tuned } from '../analysis/claims.ts'
import { diagnosePair } from '../diagnosis/support/pairs.ts'
import { inputOf, measuredConfig } from './support/analysis.ts'

const { workload, dataset } = measuredConfig('any')
const requests = { kind: 'closed-requests', users: 8, requests: 40 } as const

function reportOf(locale: 'en' | 'zh-CN'): string {
  const { experiment, analysis } = diagnosePair({
    slow: {
      config: {
        label: 'Eight users',
        workload: { ...workload, load: requests, cache: 'warm', prompt: 'Is this spam? {{text}}' },
      },
      server: { pace: 2 },
    },
    fast: { config: { label: 'Three users' } },
    experiment: { locales: [locale] },
  })
  return renderReport(inputOf(experiment, analysis, { locale }))
}

describe('a report of configs with different loads', () => {
  const report = reportOf('en')

  it('names the load of each config beside the figures', () => {
    expect(report).toContain(
      '**Loads** (figures are compared across them): Eight users: 8 concurrent users (closed loop), 40 requests per trial',
    )
    expect(report).toContain(
      '**Loads** (figures are compared across them): Three users: 3 concurrent users (closed loop), 30 s per trial',
    )
    expect(reportOf('zh-CN')).toContain('Eight users：8 个并发用户')
  })

  it('shows load, cache and texts among the settings that differ, without quoting the prompt', () => {
    const rows = report.split('\n').filter((line) => line.startsWith('|'))
    expect(rows.find((row) => row.startsWith('| **Load** |'))).toMatch(/3 concurrent.*8 concurrent/)
    expect(rows).toContain('| `cache` | cold | warm |')
    expect(rows).toContain('| `prompt` | text 1 | text 2 |')
    expect(report).not.toContain('Is this spam?')
  })
})

describe('configs with different loads', () => {
  const others = { ...tuned, workload: { ...workload, load: requests } }

  it('are compared as any other configs', () => {
    const verdict = resultOf({
      claim: change('<=', -30),
      native: slow,
      tuned: fast,
      configs: [native, others],
    }).result.verdict
    expect(verdict.code).toBe('supported')
  })
})

describe('configs with different datasets', () => {
  const other = { ...tuned, dataset: { ...dataset, name: 'long', digest: 'sha256:other' } }
  const verdict = (metric: string) =>
    resultOf({
      claim: change('<=', -30, metric),
      native: slow,
      tuned: fast,
      configs: [native, other],
    }).result.verdict

  it('are compared by latency', () => {
    expect(verdict('latencyMean').code).toBe('supported')
  })

  it('are not compared by scores, which belong to the samples', () => {
    const check = { name: 'valid', measure: 'json' } as const
    const configs = [native, other].map((each) => ({
      ...each,
      dataset: { ...each.dataset, checks: [check] },
    }))
    const [one = native, two = other] = configs
    const { result } = resultOf({
      claim: change('<=', -30, 'score.valid'),
      native: slow,
      tuned: fast,
      configs: [one, two],
    })
    expect(result.verdict).toMatchObject({
      code: 'none',
      reason: {
        code: 'not-comparable',
        differences: [{ id: 'dataset', from: 'manga_comment_ad_detection', to: 'long' }],
      },
    })
  })
})
