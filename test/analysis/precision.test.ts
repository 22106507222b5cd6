import { describe, expect, it } from 'vitest'
import { precisionOf } from '../../src/analysis/precision.ts'
import { experimentOf, measuredConfig } from '../report/support/analysis.ts'
import { analysisOf, roundsOf } from './simulated-analysis.ts'

const native = measuredConfig('native')
const tuned = measuredConfig('tuned', { from: 'native' })
const pair = experimentOf([native, tuned], { rounds: 4, baseline: 'native' })

describe('precisionOf', () => {
  const analysis = (rounds: number, by: number) =>
    analysisOf(pair, {
      native: roundsOf('native', rounds, (round) => ({ pace: 1 + by * Math.sin(round * 3) })),
      tuned: roundsOf('tuned', rounds, (round) => ({ pace: 1 + by * Math.sin(round * 5) })),
    })
  const until = { metric: 'qps', halfWidth: 3, maxRounds: 20 }

  it('is reached once every interval is narrow enough, wherever it lies', () => {
    const precise = precisionOf(until, analysis(6, 0.005))
    expect(precise.reached).toBe(true)
    expect(precise.halfWidth).toBeLessThan(3)
    expect(precisionOf(until, analysis(6, 0.2))).toMatchObject({ reached: false })
  })

  it('is not reached while a pair has no interval', () => {
    expect(precisionOf(until, analysis(2, 0.001))).toEqual({ reached: false })
  })

  it('uses the intervals of figures if nothing is compared', () => {
    const alone = experimentOf([native], { rounds: 4 })
    const trials = {
      native: roundsOf('native', 6, (round) => ({ pace: 1 + 0.005 * Math.sin(round) })),
    }
    expect(precisionOf(until, analysisOf(alone, trials)).reached).toBe(true)
  })
})
