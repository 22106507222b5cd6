import { describe, expect, it } from 'vitest'
import { locales } from '../../src/format/locales.generated.ts'
import { parseMarkdown, writeMarkdown } from '../../src/markdown/markdown.ts'
import { renderReport } from '../../src/report/report.ts'
import { analysisOf, experimentOf, inputOf, measuredConfig } from './support/analysis.ts'
import { dockerAnalysis, dockerExperiment } from './support/docker-example.ts'

describe.each(locales)('a report in %s', (locale) => {
  const report = renderReport(inputOf(dockerExperiment, dockerAnalysis, { locale }))

  it('parses and composes to the same text', () => {
    expect(writeMarkdown(parseMarkdown(report))).toBe(report)
  })

  it('shows the figures of each config with their units', () => {
    expect(report).toContain(
      '| **QPS** (1/s) | 6.33 | **10.02** | **+58.3%** ⬆️ (+54.3%, +62.3%) |',
    )
    expect(report).toContain('100% (1,518/1,518)')
    expect(report).toContain('n<100')
  })
})

describe('the environment of a report', () => {
  const target = { kind: 'url', url: 'http://gpu.example:11434', headers: {} } as const
  const config = measuredConfig('shared', { target })
  it.each([
    [
      'en',
      'server already running (Ollama 0.11.3), through the proxy `http://proxy:3128` from the environment',
    ],
    ['zh-CN', '已在运行的服务器 (Ollama 0.11.3)，经环境变量指定的代理 `http://proxy:3128`'],
  ] as const)('names the proxy through which requests went: %s', (locale, expected) => {
    const experiment = experimentOf([config], { locales: [locale] })
    const facts = { serverVersion: '0.11.3', proxy: 'http://proxy:3128' }
    const analysis = analysisOf(experiment, [{ config, facts }])
    expect(renderReport(inputOf(experiment, analysis, { locale }))).toContain(expected)
  })
})
