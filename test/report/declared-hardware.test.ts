import { describe, expect, it } from 'vitest'
import type { Locale } from '../../src/format/locales.generated.ts'
import { renderReport } from '../../src/report/report.ts'
import {
  analysisOf,
  experimentOf,
  inputOf,
  measuredConfig,
  recordedConfig,
} from './support/analysis.ts'

const hardware = { device: 'MacBook Pro M1 Pro', memory: '32GB' }
const here = measuredConfig('here')
const document = recordedConfig('document')
const epyc = { cpuModel: 'AMD EPYC 7763', cpuCount: 4 } as const
const apple = { cpuModel: 'Apple M1 Pro', cpuCount: 8 } as const

type Facts = NonNullable<Parameters<typeof analysisOf>[1][number]['facts']>

function report(configs: Parameters<typeof experimentOf>[0], facts: Facts = {}) {
  const experiment = experimentOf(configs, { hardware, locales: ['en'] })
  const inputs = configs.map((config) => (config === here ? { config, facts } : { config }))
  return renderReport(inputOf(experiment, analysisOf(experiment, inputs), { locale: 'en' }))
}

describe('a report with declared hardware', () => {
  it('warns at its top if the machine that was measured is another, and names that one', () => {
    const text = report([here], epyc)
    const [, conclusion = ''] = text.split('## Conclusion\n\n')
    expect(conclusion.split('\n')[0]).toBe(
      '⚠️ The file declares MacBook Pro M1 Pro (32GB memory), but the machine that was detected is: AMD EPYC 7763, 4 logical cores.',
    )
    expect(text).toContain('- **Device**: AMD EPYC 7763, 4 logical cores\n')
    expect(text.match(/MacBook/g)).toHaveLength(1)
  })

  it('names the detected machine alone if it is the declared one', () => {
    const text = report([here], apple)
    expect(text).toContain('- **Device**: Apple M1 Pro, 8 logical cores\n')
    expect(text).not.toMatch(/⚠️|MacBook/)
  })

  it('applies the declared hardware to recorded configs', () => {
    expect(report([document])).toContain('- **Device of recorded figures**: MacBook Pro M1 Pro')
    expect(report([document, here], apple)).toContain('- **Device of recorded figures**: MacBook')
    expect(report([here])).toContain('- **Declared device, not detected**: MacBook Pro M1 Pro')
  })
})

describe('a report with a declared size or digest of the model', () => {
  const found = `7df6b6e09427${'0'.repeat(52)}`
  const declared = (model: { size?: string; digest?: string }, facts: Facts, locale: Locale) => {
    const config = measuredConfig('here', { model: { name: 'qwen3:0.6b', ...model } })
    const experiment = experimentOf([config, { ...config, key: 'there' }], { locales: [locale] })
    const inputs = experiment.configs.map((each) => ({ config: each, facts }))
    const text = renderReport(inputOf(experiment, analysisOf(experiment, inputs), { locale }))
    return text.split('\n').filter((line) => line.startsWith('⚠️'))
  }

  it.each([
    [{ size: '522MB' }, { modelSizeBytes: 522_653_767 }],
    [{ size: '498 MiB' }, { modelSizeBytes: 522_653_767 }],
    [{ size: '4.7 GB' }, { modelSizeBytes: 4_661_224_676 }],
    [{ size: '522MB' }, {}],
    [{ size: 'small' }, { modelSizeBytes: 1 }],
    [{ digest: '7df6b6e09427' }, { modelDigest: found }],
    [{ digest: found }, { modelDigest: `sha256:${found}` }],
    [{}, { modelDigest: found, modelSizeBytes: 1 }],
  ])('says nothing if %j is declared and %j is found', (model, facts) => {
    expect(declared(model, facts, 'en')).toEqual([])
  })

  it('warns once of each that the server contradicts', () => {
    const model = { size: '522MB', digest: '0f1e2d3c4b5a6978' }
    const facts = { modelSizeBytes: 98_362_432, modelDigest: `sha256:${found}` }
    expect(declared(model, facts, 'en')).toEqual([
      '⚠️ The file declares 522MB for qwen3:0.6b, but on the server that was measured it has 98 MB.',
      '⚠️ The file pins qwen3:0.6b to the digest `0f1e2d3c4b5a`, but the model that was measured has `7df6b6e09427`.',
    ])
    expect(declared(model, facts, 'zh-CN')).toEqual([
      '⚠️ 文件声明 qwen3:0.6b 的大小是 522MB，但所测服务器上的是 98 MB。',
      '⚠️ 文件要求 qwen3:0.6b 的摘要是 `0f1e2d3c4b5a`，但实际测的是 `7df6b6e09427`。',
    ])
  })
})
