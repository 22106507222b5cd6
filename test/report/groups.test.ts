import { describe, expect, it } from 'vitest'
import { renderReport } from '../../src/report/report.ts'
import { analysisOf, experimentOf, inputOf, measuredConfig } from './support/analysis.ts'

/** Headings and heads of tables that are about groups; by config: its label, then its group. */
function sections(...configs: readonly (readonly [label: string, group: string])[]) {
  const all = configs.map(([label, group], index) =>
    measuredConfig(`k${index}`, { label, group, ...(index > 0 && { from: 'k0' }) }),
  )
  const experiment = experimentOf(all)
  const analysis = analysisOf(
    experiment,
    all.map((config, index) => ({ config, figures: { qps: 10 + index } })),
  )
  const report = renderReport(inputOf(experiment, analysis, { locale: 'en' }))
  return report.split('\n').filter((line) => /^## .*erformance|^\| Metric /.test(line))
}

describe('the section of a group', () => {
  it('has no name where it is the only one, and called after its first config', () => {
    expect(sections(['One slot', 'One slot'], ['Four slots', 'One slot'])).toEqual([
      '## Performance',
      '| Metric | One slot | Four slots | Change |',
    ])
  })

  it('has the name that the file gives, and any where there are several', () => {
    expect(sections(['A', 'Mine'], ['B', 'Mine'])[0]).toBe('## Mine: performance')
    expect(sections(['A', 'A'], ['B', 'B']).filter((line) => line.startsWith('#'))).toEqual([
      '## A: performance',
      '## B: performance',
    ])
  })
})
