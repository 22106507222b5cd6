import { describe, expect, it } from 'vitest'
import type { Claim } from '../../src/experiment/experiment.ts'
import { renderReport } from '../../src/report/report.ts'
import { analysisOf, experimentOf, inputOf, measuredConfig } from './support/analysis.ts'

type Figures = Readonly<Record<string, number>>

/** Target, measured value and gap in the answer of a report with one hypothesis. */
function answerParts(claim: object, [from, to]: readonly [Figures, Figures]): readonly string[] {
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
  const [, measured = '', target = '', gap = ''] =
    /\(H1 S\): (.*), target (.*), (.*)/.exec(report) ?? []
  return [target, measured, gap]
}

const atMost = (value: number) => ({ threshold: { comparator: '<=', value, text: '' } })
const wait = (before: number, after: number) => [{ wait: before }, { wait: after }] as const
const share = (before: number, after: number) => [{ okRate: before }, { okRate: after }] as const

describe('the gap between the measured value and the target', () => {
  it('says whether the target is met, in points for ratios and shares', () => {
    const latency = [{ latencyMean: 400 }, { latencyMean: 300 }] as const
    expect(answerParts({ kind: 'change', metric: 'latencyMean', ...atMost(-30) }, latency)).toEqual(
      ['≤ -30%', '-25.0%', '5.0 points short'],
    )
    expect(
      answerParts({ kind: 'change', metric: 'okRate', ...atMost(-3) }, share(100, 98)),
    ).toEqual(['≤ -3 points', '-2.0 points', '1.0 points short'])
  })

  it('is in points for a claim about the value of a share', () => {
    const atLeast = { threshold: { comparator: '>=', value: 99, text: '' } }
    expect(answerParts({ kind: 'value', metric: 'okRate', ...atLeast }, share(100, 90))).toEqual([
      '≥ 99%',
      '90.0%',
      '9.0 points short',
    ])
  })

  it('is in the unit of the metric if it changes by a difference', () => {
    expect(answerParts({ kind: 'change', metric: 'wait', ...atMost(-5) }, wait(20, 12))).toEqual([
      '≤ -5 ms',
      '-8.0 ms',
      '3.0 ms to spare',
    ])
    expect(answerParts({ kind: 'same', metric: 'wait', band: 5 }, wait(20, 12))).toEqual([
      '±5 ms',
      '-8.0 ms',
      '3.0 ms outside the band',
    ])
  })

  it('is the distance from the band, and none within the band', () => {
    const claim = { kind: 'same', metric: 'okRate', band: 5 }
    expect(answerParts(claim, share(90, 94)).at(-1)).toBe('within the band')
    expect(answerParts(claim, share(90, 97)).at(-1)).toBe('2.0 points outside the band')
    expect(answerParts(claim, share(97, 90)).at(-1)).toBe('2.0 points outside the band')
  })

  it('is absent, like the whole answer, while nothing is measured', () => {
    const config = measuredConfig('a')
    const claim: Claim = {
      kind: 'value',
      metric: 'qps',
      config: 'a',
      threshold: { comparator: '>=', value: 5, text: '>= 5/s' },
    }
    const experiment = experimentOf([config], {
      hypotheses: [{ id: 'H1', statement: 'S', gate: false, claim }],
    })
    const analysis = analysisOf(experiment, [{ config, state: 'pending' }])
    const report = renderReport(inputOf(experiment, analysis, { locale: 'en' }))
    expect(report).toContain('| Hypothesis | Target | Measured | Verdict |')
    expect(report).not.toContain('(H1 S)')
  })
})
