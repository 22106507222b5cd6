import { describe, expect, it } from 'vitest'
import { locales } from '../../src/format/locales.generated.ts'
import { parseMarkdown, writeMarkdown } from '../../src/markdown/markdown.ts'
import { renderReport } from '../../src/report/report.ts'
import { inputOf } from './support/analysis.ts'
import { dockerAnalysis, dockerExperiment } from './support/docker-story.ts'

describe.each(locales)('a report in %s', (locale) => {
  const report = renderReport(inputOf(dockerExperiment, dockerAnalysis, { locale }))

  it('parses and composes to itself', () => {
    expect(writeMarkdown(parseMarkdown(report))).toBe(report)
  })

  it('holds the figures of each config with their units', () => {
    expect(report).toContain(
      '| **QPS** (1/s) | 6.33 | **10.02** | **+58.3%** ⬆️ (+54.3%, +62.3%) |',
    )
    expect(report).toContain('100% (1,518/1,518)')
    expect(report).toContain('n<100')
  })

  it('says first that its figures are a stand-in’s, whatever the templates', () => {
    const standIn = renderReport(
      inputOf(dockerExperiment, { ...dockerAnalysis, standIn: true }, { locale }),
    )
    expect(standIn.split('\n')[0]).toMatch(/^> \*\*(?:演示结果|Demo only)\*\*/)
  })
})
