/** Figures of documents that give several runs or a spread: intervals against another config, and their verdicts. */
import { describe, expect, it } from 'vitest'
import { changeInterval, changeValue, sidesOf } from '../../src/analysis/change.ts'
import { compare } from '../../src/analysis/comparison.ts'
import { analyseConfig } from '../../src/analysis/config-analysis.ts'
import type { ConfigAnalysis } from '../../src/analysis/analysis.ts'
import type { Claim, RecordedFigure, RecordedSpread } from '../../src/experiment/experiment.ts'
import { readFigure } from '../../src/experiment/values/recorded-figure.ts'
import { isRead } from '../../src/experiment/values/reading.ts'
import { metricById, type Metric } from '../../src/metrics/catalog.ts'
import { meanInterval, welchInterval } from '../../src/stats/interval.ts'
import { experimentOf, measuredConfig, recordedConfig } from '../report/support/analysis.ts'
import { seededNormal } from '../support/random.ts'
import { change, fast, same, threshold, value } from './claims.ts'
import { analysisOf, configOf, roundsOf, trialsWith } from './simulated-analysis.ts'

const latency = metricById('latencyMean')!
const metrics = ['latencyMean', 'wait', 'okRate', 'users', 'score.exact'].map((id) =>
  metricById(id)!,
)
const [template] = roundsOf('native', 1, () => ({}))

function figure(metric: Metric, written: Parameters<typeof readFigure>[1]): RecordedFigure {
  const reading = readFigure(metric, written)
  if (!isRead(reading)) throw new Error(reading.message)
  return reading.value
}

function recorded(key: string, ...figures: readonly RecordedFigure[]): ConfigAnalysis {
  const config = recordedConfig(key, { measurementDigest: key, figures })
  return analyseConfig(config, { trials: [], planned: 0 }, metrics)
}

const inMs = (values: readonly number[]) => values.map((ms) => `${String(ms)} ms`)
const ofRuns = (key: string, values: readonly number[]) =>
  recorded(key, figure(latency, inMs(values)))

function ofSpread(key: string, spread: RecordedSpread, mean = 100): ConfigAnalysis {
  return recorded(key, { metric: 'latencyMean', value: mean, spread })
}

function measured(values: readonly number[]): ConfigAnalysis {
  const trials = trialsWith(template!, 'latencyMean', values)
  const config = measuredConfig('new', { measurementDigest: 'new' })
  return analyseConfig(config, { run: 'run', trials, planned: values.length }, metrics)
}

function intervalOf(from: ConfigAnalysis, to: ConfigAnalysis, id = 'latencyMean') {
  return changeInterval(sidesOf(id, from, to)!, 0.95)
}

const before = [100, 104, 97]
const after = [90, 93, 88, 91]

describe('several runs of a document', () => {
  it('have Welch’s interval against measured rounds, widened by 5 %', () => {
    const logs = (values: readonly number[]) => values.map(Math.log)
    const { low, high } = welchInterval(logs(before), logs(after), 0.95)!
    const half = Math.log1p(0.05)
    const sides = sidesOf('latencyMean', ofRuns('old', before), measured(after))!
    const interval = changeInterval(sides, 0.95)!
    expect(interval.low).toBeCloseTo(Math.expm1(low - half) * 100, 10)
    expect(interval.high).toBeCloseTo(Math.expm1(high + half) * 100, 10)
    const mean = (values: readonly number[]) =>
      Math.exp(logs(values).reduce((sum, log) => sum + log) / values.length)
    expect(changeValue(sides)).toBeCloseTo((mean(after) / mean(before) - 1) * 100, 10)
    expect(sides.paired).toBe(false)
  })

  it('have the same interval against another document', () =>
    expect(intervalOf(ofRuns('old', before), ofRuns('other', after))).toEqual(
      intervalOf(ofRuns('old', before), measured(after)),
    ))

  it('have no interval with fewer than three runs on a side, like a single figure', () => {
    expect(intervalOf(ofRuns('old', before.slice(1)), measured(after))).toBeUndefined()
    expect(intervalOf(ofRuns('old', before), measured(after.slice(2)))).toBeUndefined()
    expect(intervalOf(recorded('old', figure(latency, '100ms')), measured(after))).toBeUndefined()
  })

  it('have none for parts of a latency that the document does not give, nor for scores and numbers that are set', () => {
    const parts = (key: string) => recorded(key, figure(metricById('wait')!, ['1ms', '2ms', '3ms']))
    expect(intervalOf(parts('old'), parts('other'), 'wait')).toBeUndefined()
    const scores = (key: string) =>
      recorded(key, figure(metricById('score.exact')!, ['90%', '92%', '91%']))
    expect(intervalOf(scores('old'), scores('other'), 'score.exact')).toBeUndefined()
    const users = recorded('old', { metric: 'users', value: 3 })
    expect(intervalOf(users, users, 'users')).toBeUndefined()
  })

  it('of shares are never more precise than their counts', () => {
    const okRate = metricById('okRate')!
    const all = (key: string) =>
      recorded(key, figure(okRate, ['100% (10/10)', '100% (10/10)', '100% (10/10)']))
    const { low, high } = intervalOf(all('old'), all('other'), 'okRate')!
    // Newcombe’s interval reaches 11.35 points, and 5 points may lie between two runs
    expect([low, high]).toEqual([expect.closeTo(-16.35, 2), expect.closeTo(16.35, 2)])
  })

  it('give the figure itself Student’s interval, unless all are equal after rounding', () => {
    const { low, high } = meanInterval(before.map(Math.log), 0.95)!
    const { interval } = ofRuns('old', before).figures.get('latencyMean')!
    expect(interval?.low).toBeCloseTo(Math.exp(low), 10)
    expect(interval?.high).toBeCloseTo(Math.exp(high), 10)
    expect(ofRuns('old', [100, 100, 100]).figures.get('latencyMean')?.interval).toBeUndefined()
  })
})

describe('a spread of a document', () => {
  it.each([
    ['sd', 6],
    ['se', 6 / Math.sqrt(5)],
    // half a 95 % t interval; t(0.975; 4) = 2.776445
    ['ci95', (2.776445 * 6) / Math.sqrt(5)],
  ] as const)(
    'of kind %s means the same as 5 runs with a standard deviation of 6',
    (kind, spread) => {
      const interval = intervalOf(
        ofSpread('old', { value: spread, kind, runs: 5 }),
        measured(after),
      )!
      const runs = ofSpread('old', { value: 6, kind: 'sd', runs: 5 })
      const expected = intervalOf(runs, measured(after))!
      expect(interval.low).toBeCloseTo(expected.low, 4)
      expect(interval.high).toBeCloseTo(expected.high, 4)
    },
  )

  it('gives about the interval of the runs behind it', () => {
    const values = [96, 99, 100, 101, 104]
    const { low, high } = intervalOf(ofRuns('old', values), measured(after))!
    const spread = { value: Math.sqrt(34 / 4), kind: 'sd', runs: 5 } as const
    const interval = intervalOf(ofSpread('old', spread), measured(after))!
    expect(interval.low).toBeCloseTo(low, 0)
    expect(interval.high).toBeCloseTo(high, 0)
  })

  it.each([
    ['its kind', { value: 6, runs: 5 }],
    ['the number of runs', { value: 6, kind: 'sd' as const }],
    ['three runs', { value: 6, kind: 'sd' as const, runs: 2 }],
  ])('gives no interval without %s', (_, spread) =>
    expect(intervalOf(ofSpread('old', spread), measured(after))).toBeUndefined(),
  )
})

describe('the interval of a comparison with a document', () => {
  /** Share of 2,000 experiments without a difference whose interval contains 0. */
  function coverage(runs: number, rounds: number, deviation: number, asSpread: boolean): number {
    const normal = seededNormal(runs * 1000 + rounds * 10 + Number(asSpread))
    const sample = (n: number) => {
      const own = 0.02 * normal()
      return Array.from({ length: n }, () => 100 * Math.exp(own + deviation * normal()))
    }
    const document = () => {
      const values = sample(runs)
      if (!asSpread) return ofRuns('old', values)
      const mean = values.reduce((sum, each) => sum + each) / runs
      const squares = values.reduce((sum, each) => sum + (each - mean) ** 2, 0)
      const spread = { value: Math.sqrt(squares / (runs - 1)), kind: 'sd', runs } as const
      return ofSpread('old', spread, mean)
    }
    const covered = Array.from({ length: 2000 }, () => {
      const { low, high } = intervalOf(document(), measured(sample(rounds)))!
      return low <= 0 && high >= 0
    })
    return covered.filter(Boolean).length / covered.length
  }

  it.each([
    [3, 3, 0.02],
    [3, 6, 0.02],
    [5, 3, 0.02],
    [5, 6, 0.02],
    [3, 6, 0.08],
    [5, 6, 0.08],
  ])(
    'covers with %d runs, %d rounds and a spread of %d within a run',
    (runs, rounds, deviation) => {
      expect(coverage(runs, rounds, deviation, false)).toBeGreaterThanOrEqual(0.95)
      expect(coverage(runs, rounds, deviation, true)).toBeGreaterThanOrEqual(0.95)
    },
  )

  it('decides the marks, which say that the sides are unpaired', () => {
    const old = ofRuns('old', [99, 100, 101])
    const markAt = (ms: number) =>
      compare(old, measured([ms - 1, ms, ms + 1]), { hypotheses: [] }).changes.get('latencyMean')
    expect(markAt(96)).toMatchObject({ mark: 'unknown', unpaired: true })
    expect(markAt(80)).toMatchObject({ mark: 'better', unpaired: true })
    expect(markAt(80)).not.toHaveProperty('detectable')
  })

  it('names the run-to-run variation that widens it, also if the document gives no latency', () => {
    const speed = metricById('decodeSpeed')!
    const document = (key: string, values: readonly string[]) =>
      analyseConfig(
        recordedConfig(key, { measurementDigest: key, figures: [figure(speed, values)] }),
        { trials: [], planned: 0 },
        [speed],
      )
    const runs = ['5.2 t/s', '5.3 t/s', '5.1 t/s']
    const { betweenRuns } = compare(document('a', runs), document('b', runs), { hypotheses: [] })
    expect(betweenRuns).toMatchObject({ runs: 1, estimated: false })
    expect(betweenRuns?.percent).toBeCloseTo(5, 9)
    const single = document('c', ['5.2 t/s'])
    expect(compare(single, document('b', runs), { hypotheses: [] })).not.toHaveProperty(
      'betweenRuns',
    )
  })
})

describe('a claim about a document with several runs', () => {
  /** `fast` has a mean latency of about 220 ms. */
  function verdictOf(claim: Claim, figures: readonly RecordedFigure[]) {
    const native = recordedConfig('native', { figures })
    const experiment = experimentOf([native, measuredConfig('tuned', { from: 'native' })], {
      hypotheses: [{ id: 'H1', statement: '', gate: true, claim }],
    })
    const analysis = analysisOf(experiment, { tuned: fast })
    const { verdict, interval } = analysis.hypotheses[0]!
    const base = configOf(analysis, 'native').figures.get('latencyMean')?.value
    return { verdict, interval, base }
  }
  const slow = [figure(latency, ['600ms', '610ms', '590ms'])]

  it.each([
    ['indicated-for', change('<=', -30)],
    ['indicated-against', change('<=', -90)],
    ['indicated-against', same(5)],
  ] as const)('is at most %s', (code, claim) => {
    const { verdict, interval } = verdictOf(claim, slow)
    expect(interval).toBeDefined()
    expect(verdict).toMatchObject({ code, unpaired: true, uncheckable: true })
    expect(verdict.weaknesses).toEqual([{ code: 'document' }, { code: 'between-runs' }])
    expect(verdict).not.toHaveProperty('outlook')
  })

  it('is inconclusive where the interval contains the threshold', () => {
    const { base } = verdictOf(change('<=', -30), slow)
    const tuned = configOf(
      analysisOf(experimentOf([measuredConfig('tuned')]), { tuned: fast }),
      'tuned',
    ).figures.get('latencyMean')?.value
    const measuredChange = (tuned! / base! - 1) * 100
    expect(verdictOf(change('<=', measuredChange - 1), slow).verdict.code).toBe('inconclusive')
  })

  it('only leans if it is about the document alone', () => {
    const claim = { ...value('<=', 700), config: 'native' }
    expect(verdictOf(claim, slow).verdict).toMatchObject({
      code: 'indicated-for',
      unpaired: false,
      weaknesses: [{ code: 'document' }],
    })
    const near = { ...claim, threshold: threshold('<=', 605) }
    expect(verdictOf(near, slow).verdict.code).toBe('inconclusive')
  })

  it('has no verdict if the figures of the document fail an audit that voids it', () => {
    const impossible = [
      ...slow,
      figure(metricById('qps')!, ['9/s', '9.1/s', '8.9/s']),
      figure(metricById('users')!, '3'),
    ]
    expect(verdictOf(change('<=', -30), impossible).verdict).toMatchObject({
      code: 'none',
      reason: { code: 'audit', audit: 'littlesLaw', config: 'native' },
    })
  })
})
