import { describe, expect, it } from 'vitest'
import { conclusionConfidence } from '../../src/analysis/analyse.ts'
import { experimentOf, measuredConfig } from '../report/support/analysis.ts'
import { analysisOf, roundsOf, trialsWith } from './simulated-analysis.ts'

const [template] = roundsOf('a', 1, () => ({}))
if (template === undefined) throw new Error('one trial')

/** Configs with the given mean latencies by round. All but the first are compared with the first. */
function analysis(
  latencies: Readonly<Record<string, readonly number[]>>,
  groups?: readonly string[],
) {
  const keys = Object.keys(latencies)
  const configs = keys.map((key, index) =>
    measuredConfig(key, {
      group: groups?.[index] ?? 'one',
      ...(index === 0 ? {} : { from: keys[0] ?? '' }),
    }),
  )
  const experiment = experimentOf(configs, { rounds: 3, baseline: keys[0] ?? '' })
  const trials = Object.entries(latencies).map(
    ([key, values]) => [key, trialsWith(template!, 'latencyMean', values)] as const,
  )
  return analysisOf(experiment, Object.fromEntries(trials))
}

describe('the comparisons in the conclusion', () => {
  it('are three metrics of each pair, and one ratio of each other group; their confidence is corrected for that number', () => {
    const same = [100, 100, 100]
    expect(analysis({ a: same, b: same }).comparisonsInConclusion).toBe(3)
    expect(analysis({ a: same, b: same, c: same }, ['x', 'x', 'y']).comparisonsInConclusion).toBe(7)
    expect(conclusionConfidence(5)).toBeCloseTo(0.99)
  })

  it('do not count configs with too few rounds for an interval', () => {
    expect(analysis({ a: [100, 100, 100], b: [100, 100] }).comparisonsInConclusion).toBe(0)
  })

  it('may be unclear in the conclusion although the cell of the table has an arrow', () => {
    // log ratios -0.128, -0.094, -0.062: t = 4.96 at 2 degrees of freedom; needed are 4.30, and 7.65 for one of three
    const { comparisons, ratios } = analysis({ a: [100, 100, 100], b: [88, 91, 94] })
    expect(comparisons[0]?.changes.get('latencyMean')).toMatchObject({
      mark: 'better',
      markInConclusion: 'unknown',
    })
    const ratio = ratios.find(({ config }) => config === 'b')
    expect(ratio?.interval?.high).toBeLessThan(1)
    expect(ratio?.intervalInConclusion?.high).toBeGreaterThan(1)
  })

  it('have a mark if they are clear in spite of the correction', () => {
    const { comparisons } = analysis({ a: [100, 100, 100], b: [70, 71, 72] })
    expect(comparisons[0]?.changes.get('latencyMean')).toMatchObject({ markInConclusion: 'better' })
  })
})
