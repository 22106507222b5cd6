import { describe, expect, it } from 'vitest'
import type { RecordedConfig } from '../../src/experiment/experiment.ts'
import { renderReport } from '../../src/report/report.ts'
import {
  analysisOf,
  experimentOf,
  inputOf,
  measuredConfig,
  recordedConfig,
} from './support/analysis.ts'

const threads = (key: string, count: number) =>
  measuredConfig(key, { label: `L${key}`, group: 'G', options: { num_thread: count } })

it('shows request options that several configs of a group share once, with all their labels', () => {
  const configs = [threads('a', 4), threads('b', 8), threads('c', 4)]
  const experiment = experimentOf(configs, { locales: ['en'], baseline: 'a' })
  const analysis = analysisOf(
    experiment,
    configs.map((config) => ({ config, figures: { latencyMean: 300 } })),
  )
  const report = renderReport(inputOf(experiment, analysis, { locale: 'en' }))
  const blocks = report.split('```').filter((part) => part.startsWith('yaml\noptions:'))
  expect(blocks.map((block) => block.split('\n').slice(1, 3))).toEqual([
    [expect.stringMatching(/# La, Lc: /), expect.stringMatching(/^ {2}num_thread: 4 /)],
    [expect.stringMatching(/# Lb: /), expect.stringMatching(/^ {2}num_thread: 8 /)],
  ])
})

describe('the options of a recorded config', () => {
  const reportOf = (options: Partial<RecordedConfig>) => {
    const configs = [
      recordedConfig('a', { label: 'La', group: 'G', options: { num_ctx: 4096, num_batch: 512 } }),
      recordedConfig('b', { label: 'Lb', group: 'G', from: 'a', ...options }),
      threads('c', 8),
    ]
    const experiment = experimentOf(configs, { locales: ['en'], baseline: 'a' })
    const analysis = analysisOf(
      experiment,
      configs.map((config) => ({ config, figures: { latencyMean: 300 } })),
    )
    return renderReport(inputOf(experiment, analysis, { locale: 'en' }))
  }

  it('are not those of its document if it inherits all of them', () => {
    const report = reportOf({
      options: { num_ctx: 4096, num_batch: 512 },
      inheritedOptions: ['num_ctx', 'num_batch'],
    })
    expect(report).toContain(
      '# La: parameters from the document, which does not say how they were set; Lb: inherited from another config of the file, not stated in its own document',
    )
    expect(report).toMatch(/^\| Parameter num_ctx \| 4096 \| 4096 \(inherited\) \| — \|$/m)
    expect(report).toContain(
      'Values marked "inherited" are not stated in the config\'s own document',
    )
  })

  it('are marked one by one if it inherits some of them', () => {
    const report = reportOf({
      options: { num_ctx: 2048, num_batch: 512 },
      inheritedOptions: ['num_batch'],
    })
    expect(report).toMatch(/# Lb: parameters from the document/)
    expect(report).toMatch(/^ {2}num_ctx: 2048 +# context length$/m)
    expect(report).toMatch(/^ {2}num_batch: 512 +# batch size \(inherited\)$/m)
  })

  it('have no mark if it states all of them', () => {
    expect(reportOf({ options: { num_ctx: 2048, num_batch: 512 } })).not.toContain('inherited')
  })
})
