import { describe, expect, it } from 'vitest'
import type { Parts } from '../../src/analysis/analysis.ts'
import { experimentOf, measuredConfig } from '../report/support/analysis.ts'
import { analysisOf, roundsOf } from './simulated-analysis.ts'

const native = measuredConfig('native')
const tuned = measuredConfig('tuned', { from: 'native' })
const pair = experimentOf([native, tuned], { rounds: 4, baseline: 'native' })

describe('the breakdown', () => {
  const { breakdown } = analysisOf(pair, {
    native: roundsOf('native', 4, () => ({ slots: 1, outputTokens: 10, decodeMs: 100 })),
    tuned: roundsOf('tuned', 4, () => ({ slots: 3, outputTokens: 20, decodeMs: 300 })),
  })
  const [difference] = breakdown.differences

  it('has parts that add up to the latency, and shares that add up to 100', () => {
    const sum = (parts: Parts) => Object.values(parts).reduce((total, part) => total + part, 0)
    for (const { parts, total } of breakdown.configs) expect(sum(parts)).toBeCloseTo(total, 9)
    expect(sum(difference!.parts)).toBeCloseTo(difference!.total, 9)
    expect(sum(difference!.shares!)).toBeCloseTo(100, 9)
  })

  it('lists a pair once if its base is also the baseline', () => {
    expect(breakdown.differences.map(({ base, config }) => [base, config])).toEqual([
      ['native', 'tuned'],
    ])
  })

  it('splits decode into longer answers and slower tokens', () => {
    const { moreTokens, slowerTokens } = difference!.decode!
    expect(moreTokens + slowerTokens).toBeCloseTo(difference!.parts.decode, 9)
    // 10 more tokens at 12.5 ms, 5 ms more for 15 tokens
    expect(moreTokens / 125).toBeCloseTo(1, 1)
    expect(slowerTokens / 75).toBeCloseTo(1, 1)
    expect(difference!.parts.wait).toBeLessThan(0)
  })
})
