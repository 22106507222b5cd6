import { describe, expect, it } from 'vitest'
import type { RecordedFigure } from '../../src/experiment/experiment.ts'
import { renderReport } from '../../src/report/report.ts'
import { analysisOf, experimentOf, inputOf, recordedConfig } from './support/analysis.ts'

function reportOf(...documents: readonly (readonly RecordedFigure[])[]): string {
  const latency = { metric: 'latencyMean', value: 300 }
  const configs = documents.map((figures, index) =>
    recordedConfig(`d${index + 1}`, { figures: [latency, ...figures] }),
  )
  const experiment = experimentOf(configs, { locales: ['en'] })
  const analysis = analysisOf(
    experiment,
    configs.map((config) => ({ config })),
  )
  return renderReport(inputOf(experiment, analysis, { locale: 'en' }))
}
const requests = (value: number) => [{ metric: 'requests', value }]
const users = (value: number) => [{ metric: 'users', value }]

describe('several runs in documents', () => {
  const speed = (rest: Partial<RecordedFigure>) => ({
    metric: 'decodeSpeed',
    value: 475.25,
    ...rest,
  })

  it.each([
    [{ runs: [{ value: 470 }, { value: 480.5 }] }, '475.3 (2 runs: 470.0–480.5)'],
    [{ spread: { value: 9.5, kind: 'sd', runs: 5 } }, '475.25 ± 9.50 (SD, 5 runs)'],
    [{ spread: { value: 9.5, kind: 'se' } }, '475.25 ± 9.50 (SE)'],
    [{ spread: { value: 9.5, kind: 'ci95', runs: 5 } }, '475.25 ± 9.50 (95% CI, 5 runs)'],
    [{ spread: { value: 9.5, runs: 5 } }, '475.25 ± 9.50 (5 runs)'],
    [{ spread: { value: 9.5048125 } }, '475.25 ± 9.50 |'],
  ] satisfies [Partial<RecordedFigure>, string][])('%j are printed as %s', (rest, text) =>
    expect(reportOf([speed(rest)])).toContain(`| ${text}`),
  )
})

describe('figures from documents', () => {
  it('come with a warning if numbers of samples differ by a factor of ten or more', () => {
    const counted = { metric: 'okRate', value: 100, counts: { part: 9, whole: 9 } }
    const report = reportOf(requests(90), [counted], [])
    expect(report).toContain('numbers of samples**: d1 90, d2 9, d3 not recorded.')
    expect(report).toContain('A mean of 9 samples is far less reliable than one of 90')
  })

  it('come without that warning if the numbers are similar, or only one is known', () => {
    expect(reportOf(requests(90), requests(10))).not.toContain('numbers of samples')
    expect(reportOf(requests(90), [])).not.toContain('numbers of samples')
  })

  it('come with a warning if numbers of users differ or some are not recorded', () => {
    expect(reportOf(users(3), users(8))).toContain('**: d1 3, d2 8.')
    expect(reportOf(users(3), [])).toContain('**: d1 3, d2 not recorded.')
  })

  it('come without that warning if all numbers of users are the same, or none is recorded', () => {
    expect(reportOf(users(3), users(3))).not.toContain('Users that differ')
    expect(reportOf([], [])).not.toContain('Users that differ')
  })
})
