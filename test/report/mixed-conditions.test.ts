import { describe, expect, it } from 'vitest'
import { renderReport } from '../../src/report/report.ts'
import { analysisOf, roundsOf } from '../analysis/simulated-analysis.ts'
import { unfolded } from '../support/report-parts.ts'
import { experimentOf, inputOf, measuredConfig } from './support/analysis.ts'

/** The report of three rounds with these versions of Ollama and digests of the model. */
function report(locale: 'en' | 'zh-CN', versions: string[], digests: string[]): string {
  const experiment = experimentOf([measuredConfig('a')], { hypotheses: [] })
  const trials = roundsOf('a', 3, (round) => ({
    evidence: [
      {
        type: 'evidence',
        atMs: 0,
        when: 'before',
        source: '/api/tags',
        facts: {
          serverVersion: versions[round - 1] ?? '',
          modelDigest: (digests[round - 1] ?? '').repeat(64),
        },
      },
    ],
  }))
  return unfolded(
    renderReport(inputOf(experiment, analysisOf(experiment, { a: trials }), { locale })),
  )
}

describe('a config whose server or model changed between its trials', () => {
  it.each([
    ['en', 'did not all measure the same: Server version 0.11.3 / 0.20.0, Model digest '],
    ['zh-CN', '测的不是同一个对象：服务器版本 0.11.3 / 0.20.0'],
  ] as const)('is named with what changed: %s', (locale, text) =>
    expect(report(locale, ['0.11.3', '0.20.0', '0.20.0'], ['a', 'a', 'b'])).toContain(text),
  )

  it('is not named if nothing changed', () =>
    expect(report('en', ['0.20.0', '0.20.0', '0.20.0'], ['a', 'a', 'a'])).not.toContain(
      'did not all measure the same',
    ))
})
