import { describe, expect, it } from 'vitest'
import { renderReport } from '../../src/report/report.ts'
import { analysisOf, roundsOf, trialsWith } from '../analysis/simulated-analysis.ts'
import { experimentOf, inputOf, measuredConfig } from './support/analysis.ts'

const [template] = roundsOf('near', 1, () => ({}))
if (template === undefined) throw new Error('one trial')

/** The sentence of the conclusion about the change from `near` to `far`, which have these mean latencies by round. */
function sentenceOf(near: readonly number[], far: readonly number[]): string | undefined {
  const configs = [measuredConfig('near'), measuredConfig('far', { from: 'near' })]
  const experiment = experimentOf(configs, { rounds: near.length })
  const trials = Object.entries({ near, far }).map(
    ([key, values]) => [key, trialsWith(template!, 'latencyMean', values)] as const,
  )
  const analysis = analysisOf(experiment, Object.fromEntries(trials))
  const report = renderReport(inputOf(experiment, analysis, { locale: 'en' }))
  return /^- far vs near: ([^\n]*)/m.exec(report)?.[1]
}

describe('a change in the conclusion', () => {
  it('that is clear in the table only is stated, with the reason why it decides nothing', () => {
    // Three metrics of one pair may be reported; see test/analysis/conclusion-confidence.test.ts.
    expect(sentenceOf([100, 100, 100], [88, 91, 94])).toContain(
      'mean latency -9.0% (clear at 95%, but not when corrected for 3 comparisons)',
    )
  })

  it('has its mark if it is clear in spite of the correction', () => {
    expect(sentenceOf([100, 100, 100], [70, 71, 72])).toContain('mean latency -29.0% ⬆️')
  })

  it('is not said to be unclear if nothing was tested', () => {
    const sentence = sentenceOf([100, 100], [100, 100])
    expect(sentence).toMatch(/mean latency 0\.0%.* \(not tested: fewer than 3 rounds\)$/)
    expect(sentence).not.toContain('no clear change')
  })
})
