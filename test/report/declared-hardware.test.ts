import { describe, expect, it } from 'vitest'
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

function report(
  configs: Parameters<typeof experimentOf>[0],
  facts: NonNullable<Parameters<typeof analysisOf>[1][number]['facts']> = {},
) {
  const experiment = experimentOf(configs, { hardware, locales: ['en'] })
  const inputs = configs.map((config) => (config === here ? { config, facts } : { config }))
  return renderReport(inputOf(experiment, analysisOf(experiment, inputs), { locale: 'en' }))
}

describe('a report with declared hardware', () => {
  it('warns at its top if the machine that was measured is another, and names that one', () => {
    const text = report([here], epyc)
    expect(text.split('\n').slice(2, 5)).toEqual([
      '## Conclusion',
      '',
      '⚠️ The file declares MacBook Pro M1 Pro (32GB memory), but the machine that was detected is: AMD EPYC 7763, 4 logical cores.',
    ])
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
