import { describe, expect, it } from 'vitest'
import { measureFloor } from '../../src/analysis/noise-floor.ts'
import type { TrialSummary } from '../../src/analysis/trial-summary.ts'
import { experimentOf, measuredConfig } from '../report/support/analysis.ts'
import { seededNormal } from '../support/random.ts'
import { analysisOf, roundsOf, trialsWith } from './simulated-analysis.ts'

const native = measuredConfig('native')
const tuned = measuredConfig('tuned', { from: 'native' })
const pair = experimentOf([native, tuned], { rounds: 4, baseline: 'native' })

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

  it('is raised if the interval of a self-comparison excludes 0: to the end of it that is nearer to 0', () => {
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

  it('from few noisy rounds does not lower the power of a run, and adds no false alarms', () => {
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
