import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Parts } from '../../src/analysis/analysis.ts'
import { markOf } from '../../src/analysis/comparison.ts'
import { measureFloor } from '../../src/analysis/noise-floor.ts'
import { precisionOf } from '../../src/analysis/precision.ts'
import type { TrialSummary } from '../../src/analysis/trial-summary.ts'
import { experimentOf, measuredConfig } from '../report/support/analysis.ts'
import { seededNormal } from '../support/random.ts'
import { analysisOf, roundsOf, trialsWith } from './story.ts'

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

describe('markOf', () => {
  const interval = (low: number, high: number) => ({ low, high, confidence: 0.95 })
  const rules = { floor: 2, band: 5 }
  it.each([
    [8, interval(5, 11), 'higher', 'better'],
    [8, interval(5, 11), 'lower', 'worse'],
    [-8, interval(-11, -5), 'lower', 'better'],
    [1.5, interval(1, 2), 'higher', 'same'], // beyond chance, but within the noise floor
    [1, interval(-2, 4), 'higher', 'same'],
    [4, interval(-1, 9), 'higher', 'unknown'],
    [8, interval(5, 11), 'neither', 'unknown'],
    [8, undefined, 'higher', 'better'],
    [1, undefined, 'higher', 'unknown'],
    [0, undefined, 'higher', 'unknown'],
    [undefined, undefined, 'higher', 'unknown'],
    [9, interval(6, 12), 'higher', 'better'],
  ] as const)(
    'marks a change of %s with interval %o, if %s is better, as %s',
    (value, changeInterval, direction, mark) => {
      expect(markOf({ value, interval: changeInterval, direction, ...rules })).toBe(mark)
    },
  )

  it('mirrors better and worse when the sides are swapped', () => {
    const numbers = fc.double({ min: -50, max: 50, noNaN: true })
    fc.assert(
      fc.property(numbers, fc.double({ min: 0, max: 20, noNaN: true }), (value, half) => {
        const there = markOf({
          value,
          interval: interval(value - half, value + half),
          direction: 'higher',
          ...rules,
        })
        const back = markOf({
          value: -value,
          interval: interval(-value - half, -value + half),
          direction: 'higher',
          ...rules,
        })
        const mirrored = {
          better: 'worse',
          worse: 'better',
          same: 'same',
          unknown: 'unknown',
        } as const
        expect(back).toBe(mirrored[there])
      }),
    )
  })
})

describe('the noise floor', () => {
  const [template] = roundsOf('native', 1, () => ({}))
  const normal = seededNormal(9)
  /** Trials around a mean latency, with a spread in percent. */
  const around = (ms: number, spread: number, rounds: number) =>
    trialsWith(
      template!,
      'latencyMean',
      Array.from({ length: rounds }, () => ms * Math.exp((spread / 100) * normal())),
    )
  const floorOf = (a: readonly TrialSummary[], b: readonly TrialSummary[]) =>
    measureFloor(pair, { run: 'aa', config: 'native', a, b })!
  const latency = (values: readonly number[]) => trialsWith(template!, 'latencyMean', values)

  it('is raised to the end nearer to 0 of the interval of a self-comparison that excludes 0', () => {
    const floor = floorOf(latency([100, 100, 100]), latency([106, 107, 108]))
    // logs: mean 0.067642, standard error 0.005393, t 4.302653
    const nearer = Math.expm1(0.067642 - 4.302653 * 0.005393) * 100
    expect(floor).toMatchObject({ run: 'aa', config: 'native' })
    expect(floor.byMetric.get('latencyMean')).toBeCloseTo(nearer, 2)
    const back = floorOf(latency([106, 107, 108]), latency([100, 100, 100]))
    expect(back.byMetric.get('latencyMean')).toBeCloseTo(nearer / (1 + nearer / 100), 2)
  })

  it.each([
    ['contains 0', [100, 100, 100], [90, 100, 115]],
    ['is within the usual floor', [100, 100, 100], [101, 101.1, 101.2]],
  ])('is not raised by an interval that %s', (_, a, b) => {
    expect(floorOf(latency(a), latency(b)).byMetric.has('latencyMean')).toBe(false)
  })

  it('of few noisy rounds keeps the power of the run, and adds no false alarms', () => {
    const share = (changed: number) => {
      const draws = 200
      let marked = 0
      for (let draw = 0; draw < draws; draw++) {
        const floor = floorOf(around(100, 5, 3), around(100, 5, 3))
        const trials = { native: around(100, 5, 10), tuned: around(changed, 5, 10) }
        const mark = analysisOf(pair, trials, { floor }).comparisons[0]?.changes.get('latencyMean')
        if (mark?.mark === 'worse' || mark?.mark === 'better') marked += 1
      }
      return marked / draws
    }
    expect(share(110)).toBeGreaterThan(0.9)
    expect(share(100)).toBeLessThan(0.09)
  })

  it('marks a change within the floor as neither better nor worse', () => {
    const trials = {
      native: roundsOf('native', 4, () => ({ pace: 1 })),
      tuned: roundsOf('tuned', 4, () => ({ pace: 0.9 })),
    }
    const markWith = (percent?: number) =>
      analysisOf(pair, trials, {
        ...(percent !== undefined && {
          floor: { run: 'aa', config: 'native', byMetric: new Map([['qps', percent]]) },
        }),
      }).comparisons[0]?.changes.get('qps')?.mark
    expect(markWith()).toBe('better')
    expect(markWith(5)).toBe('better')
    expect(markWith(30)).toBe('unknown')
  })
})

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
