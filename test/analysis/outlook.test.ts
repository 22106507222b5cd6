import { describe, expect, it } from 'vitest'
import { maxAdditional, outlookOf } from '../../src/analysis/outlook.ts'
import type { Claim } from '../../src/experiment/experiment.ts'
import { metricById, type Metric } from '../../src/metrics/catalog.ts'
import { degreesOfMean, deviationRange } from '../../src/stats/power.ts'
import { change, fast, native, rounds, slow, spread, tuned, verdictOf } from './claims.ts'
import { experimentOf } from '../report/support/analysis.ts'
import { analysisOf } from './simulated-analysis.ts'

describe('the range of a standard deviation', () => {
  it.each([
    // χ² quantiles at 0.9 and 0.1, from tables
    [2, 4.605, 0.211],
    [5, 9.236, 1.61],
    [20, 28.412, 12.443],
  ])('covers 80 % with %d degrees of freedom', (degrees, upper, lower) => {
    const [low, high] = deviationRange(1, degrees)
    expect(low / Math.sqrt(degrees / upper)).toBeCloseTo(1, 1)
    expect(high / Math.sqrt(degrees / lower)).toBeGreaterThan(0.96)
    expect(high / Math.sqrt(degrees / lower)).toBeLessThan(1.04)
  })
})

describe('the outlook of a claim', () => {
  const figure = {
    metric: metricById('latencyMean')!,
    n: 100,
    basedOn: 'requests',
    byRound: [],
    doubts: [],
  } as const
  /** An interval of ±`half` percent around `measured`, over 6 rounds. */
  const outlook = (measured: number, half: number, floor = 2) =>
    outlookOf({ claim: change('<=', -10), figure, n: 6, degrees: degreesOfMean, floor }, measured, {
      low: measured - half,
      high: measured + half,
      confidence: 0.95,
    })!

  it('is a range of rounds that grows as the estimate comes nearer to the target', () => {
    const far = outlook(-16, 8).additional!
    const near = outlook(-13, 8).additional!
    expect(far.least).toBeGreaterThanOrEqual(1)
    expect(far.most!).toBeGreaterThan(far.least)
    expect(near.least).toBeGreaterThan(far.least)
  })

  it('has no upper end beyond the cap, and is absent if the estimate lies on the target', () => {
    expect(outlook(-12, 8).additional!.most).toBeUndefined()
    expect(outlook(-10.1, 8).additional).toEqual({ least: maxAdditional.rounds })
    expect(outlook(-10, 8).additional).toBeUndefined()
  })

  it('names no detectable change below the noise floor', () => {
    expect(outlook(-10, 0.2).detectable).toBe(2)
    expect(outlook(-10, 0.2, 3).detectable).toBe(3)
    expect(outlook(-10, 8).detectable).toBeGreaterThan(8)
  })

  it('has the duration of a round, which is that of one trial of each config of the run', () => {
    const withTimes = (trials: typeof slow) =>
      trials.map((trial) => ({
        ...trial,
        header: { ...trial.header, startedAt: '2025-08-08T14:00:00Z' },
        end: { ...trial.end!, endedAt: '2025-08-08T14:00:40Z' },
      }))
    const { outlook: found } = verdictOf({
      claim: change('<=', -49),
      native: withTimes(slow),
      tuned: withTimes(fast),
    })
    expect(found!.roundMs).toBe(80_000)
  })
})

it('the detectable change of a comparison is never below the noise floor, however little the rounds vary', () => {
  const experiment = experimentOf([native, tuned], { rounds: 6 })
  const trials = {
    native: rounds('native', 6, spread(2, 0.0001)),
    tuned: rounds('tuned', 6, spread(1, 0.0001)),
  }
  const [comparison] = analysisOf(experiment, trials).comparisons
  const detectable = [...comparison!.changes.values()].flatMap(({ metric, detectable: size }) =>
    metric.change === 'ratio' && size !== undefined ? [size] : [],
  )
  expect(detectable.length).toBeGreaterThan(3)
  expect(Math.min(...detectable)).toBeGreaterThanOrEqual(2)
})

it('asks for as many samples as an interval within the band needs even if all samples agree', () => {
  const metric = { ...metricById('okRate')!, family: 'score' } as Metric
  const figure = { metric, n: 2, basedOn: 'samples', byRound: [], doubts: [] } as const
  const about = { metric: metric.id, config: 'tuned', versus: 'native' }
  const claim: Claim = { ...about, kind: 'same', band: 5, text: '5pp' }
  const found = outlookOf({ claim, figure, n: 2, degrees: degreesOfMean, floor: 2 }, 0, {
    low: -65.8,
    high: 65.8,
    confidence: 0.95,
  })
  // Newcombe's half width for n samples that are all right is 3.84 / (n + 3.84), which is 5 points at 73
  expect(found?.additional?.least).toBe(71)
})
