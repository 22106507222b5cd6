/** Estimates and intervals rest on the rounds that both sides have. */
import { describe, expect, it } from 'vitest'
import type { TrialSummary } from '../../src/analysis/trial-summary.ts'
import type { Simulation } from './simulate.ts'
import { change as claimOf, native, resultOf, rounds, tuned } from './claims.ts'
import { experimentOf } from '../report/support/analysis.ts'
import { analysisOf, configOf } from './simulated-analysis.ts'

/** Both configs get slower by 20 % after round 3; `tuned` is 3 % faster in each round. */
const session =
  (pace: number) =>
  (round: number): Simulation => ({
    noise: 0.001,
    pace: pace * (round > 3 ? 1.2 : 1) * (1 + 0.001 * Math.sin(round * pace)),
  })
const without = (trials: readonly TrialSummary[], ...missing: number[]) =>
  trials.filter(({ header }) => !missing.includes(header.round))
const slow = rounds('native', 6, session(1))
const fast = rounds('tuned', 6, session(0.97))

describe('a comparison of configs that miss different rounds', () => {
  const experiment = experimentOf([native, tuned], { rounds: 6, baseline: 'native' })
  const full = analysisOf(experiment, { native: slow, tuned: fast })
  const some = analysisOf(experiment, { native: without(slow, 5, 6), tuned: without(fast, 1) })
  const changeIn = (analysis: typeof full, id = 'latencyMean') =>
    analysis.comparisons[0]!.changes.get(id)!

  it('has its estimate inside its interval, near the true change', () => {
    const { value, interval, pairs, partial, mark } = changeIn(some)
    expect(value).toBeCloseTo(changeIn(full).value!, 0)
    expect(value).toBeGreaterThan(interval!.low)
    expect(value).toBeLessThan(interval!.high)
    expect({ pairs, partial, mark }).toEqual({ pairs: 3, partial: true, mark: 'better' })
    expect(changeIn(full).partial).toBeUndefined()
  })

  it('computes the figures of each config from all of its own rounds', () => {
    const figures = ['native', 'tuned'].map((key) => configOf(some, key).figures.get('latencyMean'))
    expect(figures.map((figure) => figure?.byRound.length)).toEqual([4, 5])
    // the figures alone say that `tuned` is slower
    expect(figures[1]!.value).toBeGreaterThan(figures[0]!.value!)
  })

  it('gives a ratio and parts of latency over the shared rounds', () => {
    const ratio = some.ratios.find(({ config }) => config === 'tuned')!
    expect(ratio.sharedRounds).toBe(3)
    expect(ratio.value).toBeCloseTo(1 + changeIn(some).value! / 100, 12)
    const [difference] = some.breakdown.differences
    expect(difference!.total).toBeLessThan(0)
    expect(difference!.ratio).toBeCloseTo(ratio.value!, 3)
    expect(changeIn(some, 'decode').value).toBeCloseTo(difference!.parts.decode, 9)
  })

  it('supports a claim by the shared rounds', () => {
    const trials = { native: without(slow, 5, 6), tuned: without(fast, 1) }
    const { result } = resultOf({ claim: claimOf('<=', 0), ...trials })
    expect(result.verdict).toMatchObject({ code: 'supported', n: 3 })
    expect(result.measured).toBeCloseTo(changeIn(some).value!, 12)
  })

  it('pools a share over the shared rounds', () => {
    const failing = rounds('native', 4, (round) => ({
      alter: (request) =>
        round === 4 && request.index % 2 === 0
          ? { ...request, outcome: 'http-error' as const }
          : request,
    }))
    const analysis = analysisOf(experiment, {
      native: failing,
      tuned: rounds('tuned', 3, () => ({})),
    })
    expect(configOf(analysis, 'native').figures.get('okRate')!.value).toBeLessThan(90)
    expect(changeIn(analysis, 'okRate').value).toBe(0)
  })

  it('has no value without a shared round', () => {
    const none = analysisOf(experiment, {
      native: without(slow, 4, 5, 6),
      tuned: without(fast, 1, 2, 3),
    })
    expect(changeIn(none)).toMatchObject({ pairs: 0, partial: true, mark: 'unknown' })
    expect(changeIn(none).value).toBeUndefined()
    expect(none.breakdown.differences).toEqual([])
  })
})

describe('the order within rounds', () => {
  const experiment = experimentOf([native, tuned], { rounds: 7 })
  /** Each trial takes 3 % longer than the one before; the two alternate in coming first. */
  const inSession = (config: 'native' | 'tuned', count: number) =>
    rounds(config, count, (round) => {
      const isFirst = (config === 'native') === (round % 2 === 1)
      const position = 2 * round - (isFirst ? 1 : 0)
      return { noise: 0.001, pace: 1.03 ** position, header: { position } }
    })
  const latency = (count: number) =>
    analysisOf(experiment, {
      native: inSession('native', count),
      tuned: inSession('tuned', count),
    }).comparisons[0]!.changes.get('latencyMean')!

  it('is removed from six rounds on, even if their number is odd', () => {
    const width = (count: number) => {
      const { low, high } = latency(count).interval!
      return high - low
    }
    expect(width(5)).toBeGreaterThan(5)
    expect(width(6)).toBeLessThan(0.5)
    expect(width(7)).toBeLessThan(0.5)
    expect(Math.abs(latency(7).value!)).toBeLessThan(0.2)
    expect(Math.abs(latency(5).value!)).toBeGreaterThan(0.4)
    // never below the noise floor
    expect(latency(6).detectable).toBe(2)
  })
})
