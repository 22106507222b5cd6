import { describe, expect, it } from 'vitest'
import type { Claim } from '../../src/experiment/experiment.ts'
import { renderReport } from '../../src/report/report.ts'
import { analysisOf, experimentOf, inputOf, measuredConfig } from './support/analysis.ts'

type Figures = Readonly<Record<string, number>>

/** The cells of the one hypothesis: target, measured, gap. */
function row(claim: object, [from, to]: readonly [Figures, Figures]): readonly string[] {
  const configs = [measuredConfig('a'), measuredConfig('b', { from: 'a' })]
  const about = { config: 'b', versus: 'a', text: '', ...claim } as Claim
  const experiment = experimentOf(configs, {
    hypotheses: [{ id: 'H1', statement: 'S', gate: false, claim: about }],
  })
  const analysis = analysisOf(
    experiment,
    configs.map((config, index) => ({ config, figures: index === 0 ? from : to })),
  )
  const report = renderReport(inputOf(experiment, analysis, { locale: 'en' }))
  const [line = ''] = report.split('\n').filter((text) => text.startsWith('| H1 '))
  return line.split(' | ').slice(1, 4)
}

const atMost = (value: number) => ({ threshold: { comparator: '<=', value, text: '' } })
const wait = (before: number, after: number) => [{ wait: before }, { wait: after }] as const
const share = (before: number, after: number) => [{ okRate: before }, { okRate: after }] as const

describe('the gap between what was measured and what was claimed', () => {
  it('is in points for what changes by percent, and for shares', () => {
    const latency = [{ latencyMean: 400 }, { latencyMean: 300 }] as const
    expect(row({ kind: 'change', metric: 'latencyMean', ...atMost(-30) }, latency)).toEqual([
      '≤ -30%',
      '-25.0%',
      '+5.0 points',
    ])
    expect(row({ kind: 'change', metric: 'okRate', ...atMost(-3) }, share(100, 98))).toEqual([
      '≤ -3 points',
      '-2.0 points',
      '+1.0 points',
    ])
  })

  it('is in the unit of what changes by a difference', () => {
    expect(row({ kind: 'change', metric: 'wait', ...atMost(-5) }, wait(20, 12))).toEqual([
      '≤ -5 ms',
      '-8.0 ms',
      '-3.0 ms',
    ])
    expect(row({ kind: 'same', metric: 'wait', band: 5 }, wait(20, 12))).toEqual([
      '±5 ms',
      '-8.0 ms',
      '-3.0 ms',
    ])
  })

  it('is none within a band, and otherwise how far beyond which end', () => {
    const claim = { kind: 'same', metric: 'okRate', band: 5 }
    expect(row(claim, share(90, 94)).at(-1)).toBe('within the band')
    expect(row(claim, share(90, 97)).at(-1)).toBe('+2.0 points')
    expect(row(claim, share(97, 90)).at(-1)).toBe('-2.0 points')
  })
})
