/** Two configs that were measured in different runs: interval and verdict allow for the run-to-run variation. */
import { describe, expect, it } from 'vitest'
import { betweenRuns } from '../../src/analysis/between-runs.ts'
import { changeInterval, logInterval, sidesOf } from '../../src/analysis/change.ts'
import { compare } from '../../src/analysis/comparison.ts'
import { analyseConfig } from '../../src/analysis/config-analysis.ts'
import { metricById } from '../../src/metrics/catalog.ts'
import { measuredConfig } from '../report/support/analysis.ts'
import { seededNormal } from '../support/random.ts'
import { change, fast, rounds, same, slow, spread, verdictOf } from './claims.ts'
import { roundsOf, trialsWith } from './simulated-analysis.ts'

const latency = metricById('latencyMean')!
const okRate = metricById('okRate')!
const [template] = roundsOf('native', 1, () => ({}))

/** A config whose runs have these figures, one for each trial. The last run is the one in use. */
function config(key: string, runs: readonly (readonly number[])[], metric = latency) {
  const trials = runs.map((values, index) =>
    trialsWith(template!, metric.id, values).map((trial) => ({
      ...trial,
      header: { ...trial.header, run: `${key}-${index}` },
    })),
  )
  const earlier = new Map(trials.slice(0, -1).map((of, index) => [`${key}-${index}`, of]))
  const used = { run: `${key}-${runs.length - 1}`, trials: trials.at(-1)!, planned: 6, earlier }
  return analyseConfig(measuredConfig(key, { measurementDigest: key }), used, [latency, okRate])
}

const steady = (...means: readonly number[]) => means.map((ms) => [ms, ms, ms])

describe('the difference between runs', () => {
  it('is 5 %, or the largest difference between fewer than 4 runs if that is more', () => {
    const half = (a: readonly number[], b: readonly number[]) =>
      betweenRuns(latency, config('native', steady(...a)), config('tuned', steady(...b)), 0.95)
    expect(half([100], [100])).toEqual({ half: Math.log1p(0.05), runs: 1, estimated: false })
    expect(half([100, 103], [100])).toEqual({ half: Math.log1p(0.05), runs: 2, estimated: false })
    expect(half([100], [100, 108, 104]).half).toBeCloseTo(Math.log(1.08), 12)
  })

  it('is the t quantile times √2 standard deviations if there are 4 runs or more', () => {
    const native = config('native', steady(100, 102, 98, 100))
    const logs = [100, 102, 98, 100].map(Math.log)
    const mean = logs.reduce((sum, log) => sum + log) / 4
    const deviation = Math.sqrt(logs.reduce((sum, log) => sum + (log - mean) ** 2, 0) / 3)
    const alone = betweenRuns(latency, native, config('tuned', steady(90)), 0.95)
    // t(0.975; 3) = 3.1824
    expect(alone.half).toBeCloseTo(3.1824 * Math.SQRT2 * deviation, 5)
    expect(alone).toMatchObject({ runs: 4, estimated: true })
    // two more runs of the other definition add a degree of freedom: t(0.975; 4) = 2.7764
    const both = betweenRuns(latency, native, config('tuned', steady(90, 90)), 0.95)
    expect(both.half).toBeCloseTo(2.7764 * Math.SQRT2 * deviation * Math.sqrt(3 / 4), 4)
  })

  it('is in points for shares', () => {
    const [one, two] = ['native', 'tuned'].map((key) => config(key, steady(99), okRate))
    expect(betweenRuns(okRate, one!, two!, 0.95).half).toBe(5)
  })

  it('leaves out the two compared runs if they have the same definition', () => {
    const before = config('native', steady(100, 101))
    const after = { ...config('native', steady(100, 101, 130)), run: 'native-2' }
    expect(betweenRuns(latency, before, after, 0.95)).toEqual({
      half: Math.log1p(0.05),
      runs: 1,
      estimated: false,
    })
  })
})

describe('the interval of a comparison of two runs', () => {
  /** Share of 1,000 experiments without a difference whose interval contains 0. */
  function coverage(effect: number, earlier: number, trials: number, deviation = 0.02): number {
    const normal = seededNormal(earlier * 100 + trials)
    const run = () => {
      const own = effect * normal()
      return Array.from({ length: trials }, () => 100 * Math.exp(own + deviation * normal()))
    }
    const covered = Array.from({ length: 1000 }, () => {
      const native = config('native', Array.from({ length: earlier + 1 }, run))
      const sides = sidesOf('latencyMean', native, config('tuned', [run()]))
      const { low, high } = changeInterval(sides!, 0.95)!
      return low <= 0 && high >= 0
    })
    return covered.filter(Boolean).length / 1000
  }

  it.each([
    [0.02, 0, 3],
    [0.02, 0, 6],
    [0.02, 3, 6],
    [0.05, 3, 3],
    [0.05, 3, 6],
    [0.05, 7, 6],
  ])(
    'contains the true difference in 93 % of draws: run effect %d, %d earlier runs, %d trials',
    (effect, earlier, trials) => {
      expect(coverage(effect, earlier, trials)).toBeGreaterThanOrEqual(0.93)
    },
  )

  it('decides the marks, also of parts that are tested by their ratio', () => {
    const of = (ms: number) => [0.99, 1, 1.01].map((noise) => ms * noise)
    const native = config('native', [of(100)])
    const rules = { hypotheses: [] }
    const markAt = (ms: number) =>
      compare(native, config('tuned', [of(ms)]), rules).changes.get('latencyMean')!.mark
    expect([markAt(96), markAt(85), markAt(115)]).toEqual(['unknown', 'better', 'worse'])
    const sides = sidesOf('latencyMean', native, config('tuned', [of(96)]))!
    expect(logInterval(sides, 0.95)!.high).toBeGreaterThan(0)
  })
})

describe('a claim about two runs', () => {
  const later = rounds('tuned', 6, (round) => ({ ...spread(1)(round), header: { run: 'later' } }))

  it.each([
    ['indicated-for', change('<=', -30)],
    ['indicated-against', change('<=', -60)],
    ['indicated-against', same(5)],
    ['inconclusive', change('<=', -49)],
  ] as const)('is at most %s', (code, claim) => {
    const weaknesses = code === 'inconclusive' ? [] : [{ code: 'between-runs' }]
    expect(verdictOf({ claim, native: slow, tuned: later })).toMatchObject({
      code,
      weaknesses,
      unpaired: true,
    })
  })

  it('is decided if both sides come from one run', () => {
    expect(verdictOf({ claim: change('<=', -30), native: slow, tuned: fast })).toMatchObject({
      code: 'supported',
      weaknesses: [],
    })
  })
})
