import { describe, expect, it } from 'vitest'
import type { Experiment } from '../../src/experiment/experiment.ts'
import { metrics } from '../../src/metrics/catalog.ts'
import { renderReport } from '../../src/report/report.ts'
import { tablesOf, unfolded, type TableText } from '../support/report-parts.ts'
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

describe('the rows that a table shows without unfolding', () => {
  const measured = metrics.filter(({ appliesTo }) => appliesTo === 'any')
  const figures = { ...Object.fromEntries(measured.map(({ id }) => [id, 1])), 'score.exact': 50 }

  /** The labels of the rows of the first table, and of the first folded one. */
  function rowsOf(written: Partial<Experiment>) {
    const experiment = experimentOf(
      [measuredConfig('a', { group: 'G' }), measuredConfig('b', { group: 'G' })],
      written,
    )
    const results = experiment.configs.map((config) => ({ config, figures }))
    const report = renderReport(
      inputOf(experiment, analysisOf(experiment, results), { locale: 'en' }),
    )
    const tables = (text: string) =>
      tablesOf(text).filter(([[head = ''] = []]) => head === 'Metric')
    const [open, ...others] = tables(unfolded(report))
    expect(others).toEqual([])
    const rows = (table: TableText = []) =>
      table.slice(1).map(([label = '']) => label.replace(/ \(.*/, ''))
    return { open: rows(open), folded: rows(tables(report)[1]) }
  }

  const headlines = [
    'QPS',
    'Throughput',
    'Mean latency',
    'P95 latency',
    'P99 latency',
    'Success rate',
  ]

  it('are the six headline rows; the others are folded', () => {
    const { open, folded } = rowsOf({})
    expect(open).toEqual(headlines)
    expect(folded).toEqual(
      expect.arrayContaining(['Mean time to first token', 'Decode speed', 'P50 latency', 'exact']),
    )
    for (const label of headlines) expect(folded).not.toContain(label)
  })

  it('include what a claim names and what the file asks for, in the usual order', () => {
    const threshold = { comparator: '<=', value: 5, text: '<= 5' } as const
    const claim = { kind: 'value', metric: 'score.exact', config: 'a', threshold } as const
    const { open, folded } = rowsOf({
      hypotheses: [{ id: 'H1', statement: 'x', claim, gate: false }],
      show: ['ttftP95', 'decodeSpeed'],
    })
    expect(open).toEqual([
      ...headlines.slice(0, 5),
      'P95 time to first token',
      'Decode speed',
      'Success rate',
      'exact',
    ])
    expect(folded).toContain('Mean time to first token')
    for (const label of open) expect(folded).not.toContain(label)
  })
})
