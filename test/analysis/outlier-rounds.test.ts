import { describe, expect, it } from 'vitest'
import { analyseConfig } from '../../src/analysis/config-analysis.ts'
import { outlierRounds } from '../../src/analysis/outlier-rounds.ts'
import { metricById } from '../../src/metrics/catalog.ts'
import type { Evidence } from '../../src/results/record.ts'
import { quantileOf, sorted } from '../../src/stats/quantile.ts'
import { measuredConfig } from '../report/support/analysis.ts'
import { trialsOf, withStragglers } from '../stats/request-times.ts'
import { change, resultOf, rounds, spread } from './claims.ts'
import { roundsOf, trialsWith } from './simulated-analysis.ts'

const [template] = roundsOf('native', 1, () => ({}))
const median = metricById('latencyP50')!

/**
 * The outlier rounds that are named in each of several simulated experiments of two configs.
 * @param slower the factor by which the third trial of `a` is slower
 */
function outliersIn(experiments: number, count: number, requests: number, slower = 1) {
  const draw = trialsOf(withStragglers(0.2, 0.04), count * 100 + requests)
  return Array.from({ length: experiments }, () => {
    const configs = ['a', 'b'].map((key) => {
      const medians = Array.from({ length: count }, (_, index) => {
        const factor = key === 'a' && index === 2 ? slower : 1
        return factor * quantileOf(sorted(draw(requests)), 0.5)
      })
      const trials = trialsWith(template!, 'latencyP50', medians)
      return analyseConfig(measuredConfig(key), { run: 'r', trials, planned: count }, [median])
    })
    return outlierRounds(configs)
  })
}

describe('outlier rounds', () => {
  it.each([6, 8, 10, 20])('are named in about 2 of 100 healthy runs of %d rounds', (count) => {
    const runs = outliersIn(400, count, 20)
    // chance leaves more than 4.6 % once in 10,000
    expect(runs.filter((named) => named.length > 0).length / runs.length).toBeLessThan(0.046)
  })

  it.each([
    { count: 6, slower: 2, least: 0.75 },
    { count: 10, slower: 2, least: 0.97 },
    { count: 6, slower: 5, least: 0.97 },
  ])(
    'are found if one of $count trials takes $slower times as long',
    ({ count, slower, least }) => {
      const runs = outliersIn(200, count, 40, slower)
      const found = runs.filter((named) =>
        named.some(({ config, round }) => config === 'a' && round === 3),
      )
      expect(found.length / runs.length).toBeGreaterThan(least)
    },
  )

  it('are not looked for in fewer than 6 rounds', () => {
    expect(outliersIn(20, 5, 40, 5).flat()).toEqual([])
  })
})

describe('an outlier round', () => {
  const machine = (round: number): Evidence => ({
    type: 'evidence',
    source: 'os',
    atMs: 0,
    when: 'before',
    facts: { loadAverage: round === 4 ? 9.5 : 0.3, powerSource: 'ac' },
  })
  const slow = (round: number) => ({
    ...spread(1)(round),
    pace: (round === 4 ? 3 : 1) * (1 + 0.01 * Math.sin(round * 2.3)),
    evidence: [machine(round)],
  })
  const native = rounds('native', 6, spread(1.5))
  const claim = change('<=', -20)
  const { analysis, result } = resultOf({ claim, native, tuned: rounds('tuned', 6, slow) })

  it('is named with its time and with what the records show only there', () => {
    expect(analysis.outliers).toMatchObject([
      {
        config: 'tuned',
        round: 4,
        startedAt: template!.header.startedAt,
        circumstances: {
          failedRequests: 0,
          facts: [{ id: 'loadAverage', value: 9.5, others: [0.3] }],
        },
      },
    ])
    expect(analysis.outliers[0]!.ratio).toBeCloseTo(3, 0)
  })

  it('stays in the figures, and is named by a claim that would be decided without it', () => {
    expect(analysis.configs[1]!.figures.get('latencyMean')!.byRound).toHaveLength(6)
    expect(result.verdict.code).toBe('inconclusive')
    expect(result.verdict.decidedWithout).toMatchObject([{ config: 'tuned', round: 4 }])
    const decided = resultOf({ claim, native, tuned: rounds('tuned', 6, spread(1)) })
    expect(decided.result.verdict).not.toHaveProperty('decidedWithout')
  })
})
