/**
 * No figure is dropped: every figure of a document, every measured one, and every one that the file requests is in a
 * table.
 */
import { describe, expect, it } from 'vitest'
import type { Experiment, Hypothesis } from '../../src/experiment/experiment.ts'
import { parseExperiment } from '../../src/experiment/parse-experiment.ts'
import { formatAmount } from '../../src/experiment/values/amount.ts'
import { locales, type Locale } from '../../src/format/locales.generated.ts'
import { fixed } from '../../src/format/number.ts'
import { metrics, type CatalogueMetric } from '../../src/metrics/catalog.ts'
import { isAtLeast } from '../../src/metrics/metric.ts'
import { readMetricWords } from '../../src/report/labels.ts'
import { renderReport } from '../../src/report/report.ts'
import { lintMarkdown } from '../support/markdown-lint.ts'
import { emptySections, tablesOf, unfolded, wordsOf } from '../support/report-parts.ts'
import { shippedTemplates } from '../support/templates.ts'
import { analysisOf, experimentOf, inputOf, measuredConfig } from './support/analysis.ts'
import { storedInput } from './support/golden.ts'

/**
 * A value that no other number of a report has. Times to the first output token differ from those to the first token.
 */
const valueOf = ({ id, unit }: CatalogueMetric) =>
  unit === 'count' ? 4321 : id.startsWith('ttfo') ? 54.32 : 43.21
const shownValue = (metric: CatalogueMetric) =>
  metric.unit === '%' ? '43.2%' : metric.unit === 'count' ? '4,321' : String(valueOf(metric))

const catalogued = (id: string) => metrics.find((metric) => metric.id === id)!

/** The row of the metric in the tables of a text, without its label; undefined without such a row. */
function rowOf(text: string, { id }: CatalogueMetric, locale: Locale) {
  const label = readMetricWords(shippedTemplates(locale)).labelOf(id)
  const isLabel = (cell = '') => cell === label || cell.startsWith(`${label} (`)
  return tablesOf(text)
    .flat()
    .find(([head]) => isLabel(head))
    ?.slice(1)
}

describe('a figure that a document gives', () => {
  async function reportOf(recorded: string, locale: Locale): Promise<string> {
    const { experiment, problems } = parseExperiment({
      file: 'experiments/document.yaml',
      text: `title: Document\nlocale: ${locale}\nconfigs:\n${recorded}`,
      readDataset: () => undefined,
    })
    if (experiment === undefined) throw new Error(JSON.stringify(problems))
    return renderReport(await storedInput(experiment, 'no folder', locale))
  }
  const document = (metric: CatalogueMetric, value: number) =>
    `{source: a thread, date: 2025-08-06, metrics: {${metric.id}: ${formatAmount(value, metric.unit)}}}`

  it.each(metrics)('is in an open table if it is the only one: $id', async (metric) => {
    for (const locale of locales) {
      const report = await reportOf(
        `  a: {recorded: ${document(metric, valueOf(metric))}}\n`,
        locale,
      )
      expect(rowOf(unfolded(report), metric, locale)).toEqual([shownValue(metric)])
      expect(lintMarkdown(report)).toEqual([])
      expect(emptySections(report)).toEqual([])
    }
  })

  it.each(metrics)('is in the same table as that of another document: $id', async (metric) => {
    const [first, second] = metric.unit === 'count' ? [4321, 1234] : [43.21, 12.34]
    const report = await reportOf(
      `  a: {recorded: ${document(metric, first)}}\n  b: {from: a, recorded: ${document(metric, second)}}\n`,
      'en',
    )
    const [a, b] = rowOf(unfolded(report), metric, 'en') ?? []
    expect([a, b]).toEqual(
      { count: ['4,321', '1,234'], '%': ['43.2%', '12.3%'] }[metric.unit as string] ?? [
        '43.21',
        '12.34',
      ],
    )
    expect(lintMarkdown(report)).toEqual([])
    expect(emptySections(report)).toEqual([])
  })
})

describe('a measured figure', () => {
  // Capacities have a table of their own.
  const measurable = metrics.filter(
    ({ appliesTo }) => appliesTo !== 'recorded' && appliesTo !== 'levels',
  )
  const figures = Object.fromEntries(measurable.map((metric) => [metric.id, valueOf(metric)]))
  function reportOf(asked: Partial<Pick<Experiment, 'hypotheses' | 'show'>>, configs = 1): string {
    const measured = Array.from({ length: configs }, (_, index) =>
      measuredConfig(`c${index + 1}`, { group: 'all' }),
    )
    const experiment = experimentOf(measured, asked)
    const results = measured.map((config) => ({ config, figures }))
    return renderReport(inputOf(experiment, analysisOf(experiment, results), { locale: 'en' }))
  }
  const shown = (metric: CatalogueMetric) =>
    metric.unit === '%' || metric.unit === 'count' ? shownValue(metric) : fixed(valueOf(metric), 1)
  const isOpen = (metric: CatalogueMetric) => isAtLeast(metric, 'unfolded')
  const others = measurable.filter((metric) => !isOpen(metric))
  // Each half is asked for in one report, in which the other half is not.
  const halves = [0, 1].map((half) => others.filter((_, index) => index % 2 === half))

  function expectPlaces(report: string, asked: readonly CatalogueMetric[]): void {
    for (const metric of measurable) {
      const isAsked = isOpen(metric) || asked.includes(metric)
      const open = rowOf(unfolded(report), metric, 'en')
      expect([metric.id, open]).toEqual([metric.id, isAsked ? [shown(metric)] : undefined])
      expect([metric.id, rowOf(report, metric, 'en')]).toEqual([metric.id, [shown(metric)]])
    }
  }

  it('is in an open table if it is a headline, and in the folded table otherwise', () => {
    expect(others.length).toBeGreaterThan(30)
    expectPlaces(reportOf({}), [])
  })

  it.each(halves)('is in an open table if `show` asks for it: %#', (...asked) => {
    expectPlaces(reportOf({ show: asked.map(({ id }) => id) }), asked)
  })

  it.each(halves)('is in an open table if a hypothesis claims it: %#', (...asked) => {
    const threshold = { comparator: '<=', value: 5, text: '<= 5' } as const
    const hypotheses = asked.map(({ id: metric }, index): Hypothesis => {
      const claim = { kind: 'value', metric, config: 'c1', threshold } as const
      return { id: `H${index + 1}`, statement: metric, claim, gate: false }
    })
    expectPlaces(reportOf({ hypotheses }), asked)
  })

  it('has a column in one of several folded tables if the configs are rows', () => {
    const headers = tablesOf(reportOf({}, 7)).map(([header = []]) => header)
    const words = readMetricWords(shippedTemplates('en'))
    for (const { id } of measurable) {
      const label = words.labelOf(id)
      const isLabel = (cell: string) => cell === label || cell.startsWith(`${label} (`)
      expect([id, headers.flat().filter(isLabel)]).not.toEqual([id, []])
    }
    expect(Math.max(...headers.map(({ length }) => length))).toBeLessThan(10)
  })
})

describe('a figure of memory or energy', () => {
  const reason = '`powermetrics` needs root'
  const measured = measuredConfig('c1')
  const experiment = experimentOf([measured], { show: ['energyPerToken'] })
  const figures = {
    peakVram: { value: 6.5, sources: ['/api/ps'] },
    peakMemory: { code: 'not-sampled', reason: 'another machine' },
    energyPerToken: { code: 'not-sampled', reason },
  } as const
  const analysis = analysisOf(experiment, [{ config: measured, figures }])
  const reportIn = (locale: Locale) => renderReport(inputOf(experiment, analysis, { locale }))
  const footnotes = (report: string) => [...report.matchAll(/^\[\^exp-\d\]: .*$/gm)].join('\n')

  it.each(locales)('names its source in a footnote in %s', (locale) => {
    const report = reportIn(locale)
    const label = readMetricWords(shippedTemplates(locale)).labelOf('peakVram')
    expect(report).toMatch(
      new RegExp(`^\\| ${label} \\(GB\\)\\[\\^exp-\\d\\] \\| 6\\.50 \\|$`, 'm'),
    )
    expect(footnotes(report)).toContain('/api/ps')
  })

  it.each(locales)(
    'has a row with the reason if it was asked for and is missing in %s',
    (locale) => {
      const report = reportIn(locale)
      const label = readMetricWords(shippedTemplates(locale)).labelOf('energyPerToken')
      expect(unfolded(report)).toContain(
        `| ${label} (J/token) | ${wordsOf(locale).text('absence.not-sampled')}[^exp-1] |`,
      )
      expect(footnotes(report)).toContain('needs root')
      expect(rowOf(report, catalogued('peakMemory'), locale)).toBeUndefined()
      expect(lintMarkdown(report)).toEqual([])
    },
  )
})
