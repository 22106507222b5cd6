import { describe, expect, it } from 'vitest'
import { ExpError } from '../../src/errors/exp-error.ts'
import { renderReport } from '../../src/report/report.ts'
import { analysisOf, experimentOf, inputOf, measuredConfig } from './support/analysis.ts'
import { lintMarkdown } from '../support/markdown-lint.ts'

function many(count: number, analysis?: string) {
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

describe('the size of a report', () => {
  it('never exceeds what GitHub shows: tables are shortened, and it says so', () => {
    const report = renderReport(many(1500))
    expect(new TextEncoder().encode(report).length).toBeLessThanOrEqual(512_000)
    expect(report).toContain('表格和列表已截短')
    expect(report).toMatch(/只列出前 \d+ 行，略去 \d+ 行/)
    expect(lintMarkdown(report)).toEqual([])
  })

  it('leaves room for what people wrote', () => {
    const report = renderReport(many(1500), () => false, 200_000)
    expect(new TextEncoder().encode(report).length).toBeLessThanOrEqual(312_000)
  })

  it('leaves a report that fits as it is', () => {
    expect(renderReport(many(50))).not.toContain('截短')
  })

  it('is refused where the own analysis alone is too long', () => {
    const render = () => renderReport(many(1, 'x '.repeat(300_000)))
    expect(render).toThrow(ExpError)
    expect(render).toThrow('would exceed 512000 bytes')
  })
})
