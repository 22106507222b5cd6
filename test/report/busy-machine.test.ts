import { describe, expect, it } from 'vitest'
import { renderReport } from '../../src/report/report.ts'
import { analysisOf, roundsOf } from '../analysis/simulated-analysis.ts'
import { unfolded } from '../support/report-parts.ts'
import { experimentOf, inputOf, measuredConfig } from './support/analysis.ts'

/** The report of three rounds; before each, the load average is the given one, on 2 CPUs. */
function report(locale: 'en' | 'zh-CN', loads: readonly number[]): string {
  const experiment = experimentOf([measuredConfig('a')], { hypotheses: [] })
  const trials = roundsOf('a', 3, (round) => ({
    evidence: [
      { loadAverage: loads[round - 1] ?? 0, cpuCount: 2 },
      // under load, which says nothing about other processes
      { loadAverage: 99 },
    ].map((facts, index) => ({
      type: 'evidence',
      atMs: index,
      when: index === 0 ? 'before' : 'after',
      source: 'host',
      facts,
    })),
  }))
  return renderReport(inputOf(experiment, analysisOf(experiment, { a: trials }), { locale }))
}

describe('a busy machine', () => {
  it.each([
    [
      'en',
      'before 2 of 3 trials the load average (1 minute) was above the number of CPUs; the highest is 4.3 on 2 CPUs',
    ],
    ['zh-CN', '3 次试验中，有 2 次开始前的 1 分钟平均负载高于 CPU 数，最高是 4.3 (CPU 2 个)'],
  ] as const)('is named with its numbers, in the folded block: %s', (locale, text) => {
    const busy = report(locale, [4.25, 2, 2.5])
    expect(busy).toContain(text)
    expect(unfolded(busy)).not.toContain(text)
  })

  it('is not named if the load average is at most the number of CPUs', () => {
    expect(report('en', [0.5, 2, 1])).not.toContain('Busy machine')
  })
})
