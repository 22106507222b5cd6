import { describe, expect, it } from 'vitest'
import { ExpError } from '../../src/errors/exp-error.ts'
import { renderReport } from '../../src/report/report.ts'
import { analysisOf, experimentOf, inputOf, measuredConfig } from './support/analysis.ts'
import { lintMarkdown } from '../support/markdown-lint.ts'
import { lineIf, tablesOf, wordsOf } from '../support/report-parts.ts'

/** A report of one group with this number of configs, compared with the first. */
function inputWithConfigs(count: number, analysis?: string) {
  const configs = Array.from({ length: count }, (_, index) =>
    measuredConfig(`c${index}`, {
      label: `配置 ${index} ${'长'.repeat(60)}`,
      group: '一组',
      env: { OLLAMA_NUM_PARALLEL: String(index) },
      ...(index === 0 ? {} : { from: 'c0' }),
    }),
  )
  const experiment = experimentOf(configs, {
    baseline: 'c0',
    ...(analysis === undefined ? {} : { analysis }),
  })
  const results = configs.map((config, index) => ({
    config,
    figures: { qps: 5 + index, latencyMean: 300 + index },
  }))
  return inputOf(experiment, analysisOf(experiment, results, { halfWidth: 3 }))
}

const shortenedNote = lineIf('zh-CN', 'reliability.hbs', 'shortened')

describe('the size of a report', () => {
  it('stays within the limit of GitHub: the report shortens tables and says so', () => {
    const report = renderReport(inputWithConfigs(1500))
    expect(new TextEncoder().encode(report).length).toBeLessThanOrEqual(512_000)
    expect(report).toContain(shortenedNote)
    const values = { shown: 50, left: 1450 }
    const lastRows = tablesOf(report).map((rows) => rows.at(-1)?.[0])
    expect(lastRows).toContain(wordsOf('zh-CN').text('table.shortened', values))
    expect(lintMarkdown(report)).toEqual([])
  })

  it('leaves room for the text in keep blocks', () => {
    const report = renderReport(inputWithConfigs(1500), () => false, 200_000)
    expect(new TextEncoder().encode(report).length).toBeLessThanOrEqual(312_000)
  })

  it('does not shorten the tables of a report that fits', () => {
    expect(renderReport(inputWithConfigs(50))).not.toContain(shortenedNote)
  })

  it('is an error if even a report with shortened tables is too long', () => {
    const render = () => renderReport(inputWithConfigs(1), () => false, 511_000)
    expect(render).toThrow('would exceed 512000 bytes')
  })

  it('is an error if `analysis` alone is too long', () => {
    const render = () => renderReport(inputWithConfigs(1, 'x '.repeat(300_000)))
    expect(render).toThrow(ExpError)
    expect(render).toThrow('`analysis` has 599999 bytes; the maximum is 200000')
  })
})
