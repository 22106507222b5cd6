import { describe, expect, it } from 'vitest'
import { renderReport } from '../../src/report/report.ts'
import { analysisOf, experimentOf, inputOf, measuredConfig } from './support/analysis.ts'

/**
 * The headings and the table heads of the group sections of a report.
 * @param configs label and group of each
 */
function groupLines(...configs: readonly (readonly [label: string, group: string])[]) {
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
  it('has no name if it is the only group and the file does not name it', () => {
    expect(groupLines(['One slot', 'One slot'], ['Four slots', 'One slot'])).toEqual([
      '## Performance',
      '| Metric | One slot | Four slots | Change |',
    ])
  })

  it('has a name if the file names it, or if there are several groups', () => {
    expect(groupLines(['A', 'Mine'], ['B', 'Mine'])[0]).toBe('## Mine: performance')
    expect(groupLines(['A', 'A'], ['B', 'B']).filter((line) => line.startsWith('#'))).toEqual([
      '## A: performance',
      '## B: performance',
    ])
  })
})
