import { describe, expect, it } from 'vitest'
import { unmetGates } from '../../src/analysis/hypothesis.ts'
import { experimentOf, recordedConfig } from '../report/support/analysis.ts'
import {
  change,
  fast,
  measuredOf,
  native,
  ratio,
  resultOf,
  rounds,
  same,
  slow,
  spread,
  tuned,
  value,
  verdictOf,
  type Scenario,
} from './claims.ts'
import type { Simulation } from './simulate.ts'
import { analysisOf } from './simulated-analysis.ts'

const checks = { ...native.dataset, checks: [{ name: '类别准确性', measure: 'exact' as const }] }

describe('a claim with an interval', () => {
  it.each([
    ['supported', change('<=', -30)],
    ['refuted', change('<=', -60)],
    ['refuted', change('>=', 0)],
    ['inconclusive', change('<=', -50)],
    ['refuted', same(5)],
    ['supported', same(80)],
    ['supported', ratio('>=', 180)],
    ['refuted', { ...ratio('>=', 80), config: 'native', versus: 'tuned' }],
    ['supported', value('<=', 250)],
    ['refuted', { ...value('<=', 250), config: 'native' }],
  ] as const)('is %s according to its interval', (code, claim) => {
    const verdict = verdictOf({ claim, native: slow, tuned: fast })
    expect(verdict).toMatchObject({
      code,
      n: 6,
      counted: 'rounds',
      unpaired: false,
      uncheckable: false,
    })
  })

  it.each([
    ['ratio', (at: number) => ratio('>=', at), ratio('>=', 1)],
    ['value', (at: number) => value('<=', at), value('<=', 1)],
    ['same', (at: number) => same(Math.abs(at)), same(1)],
  ])('is inconclusive if the interval of its %s contains the threshold', (_, claimAt, any) => {
    const claim = claimAt(measuredOf(any))
    expect(verdictOf({ claim, native: slow, tuned: fast }).code).toBe('inconclusive')
  })

  it('reports the detectable change and the rounds needed if it is inconclusive', () => {
    const claim = change('<=', -3)
    const noisy =
      (pace: number) =>
      (round: number): Simulation => ({ pace: pace * (1 + 0.05 * Math.sin(round * pace * 9)) })
    const { outlook, code } = verdictOf({
      claim,
      native: rounds('native', 6, noisy(1)),
      tuned: rounds('tuned', 6, noisy(0.96)),
    })
    expect(code).toBe('inconclusive')
    expect(outlook!.detectable).toBeGreaterThan(2)
    expect(outlook!.detectable).toBeLessThan(30)
    const { least, most } = outlook!.additional!
    expect(least).toBeGreaterThan(6)
    // above the cap
    expect(most).toBeUndefined()
  })

  it('reports sides measured in different runs and on different hosts', () => {
    const other = rounds('tuned', 6, (round) => ({
      ...spread(1)(round),
      header: { run: 'later', host: { id: 'other' } },
    }))
    expect(verdictOf({ claim: change('<=', -30), native: slow, tuned: other })).toMatchObject({
      code: 'indicated-for',
      unpaired: true,
      onDifferentHosts: true,
    })
    expect(verdictOf({ claim: change('<=', -30), native: slow, tuned: fast })).toMatchObject({
      unpaired: false,
      onDifferentHosts: false,
    })
  })

  it('is judged at a higher confidence if there are many claims', () => {
    const [one, ten] = [1, 10].map(
      (claims) => resultOf({ claim: change('<=', -30), native: slow, tuned: fast, claims }).result,
    )
    expect(ten!.interval!.confidence).toBeCloseTo(0.995, 12)
    expect(ten!.interval!.low).toBeLessThan(one!.interval!.low)
  })

  it('counts samples if it is about a score', () => {
    const configs = [
      { ...native, dataset: checks },
      { ...tuned, dataset: checks },
    ] as const
    const claim = same(5, 'score.类别准确性')
    const verdict = verdictOf({ claim, native: slow, tuned: fast, configs })
    expect(verdict).toMatchObject({ code: 'inconclusive', n: 40, counted: 'samples' })
    // the interval is ±6.1 points with 40 samples; ±5 needs more samples
    expect(verdict.outlook!.additional!.least).toBeGreaterThan(20)
    expect(
      verdictOf({ claim: same(7, 'score.类别准确性'), native: slow, tuned: fast, configs }).code,
    ).toBe('supported')
  })
})

describe('a claim without an interval', () => {
  const [from, to] = [slow.slice(0, 2), fast.slice(0, 2)]
  it.each([
    ['indicated-for', change('<=', -30)],
    ['indicated-against', change('<=', -60)],
    ['inconclusive', change('<=', -49)],
    ['indicated-against', same(5)],
    ['indicated-for', same(60)],
    ['indicated-for', ratio('>=', 180)],
    ['indicated-against', ratio('>=', 220)],
    ['indicated-for', value('<=', 250)],
    ['indicated-against', value('<=', 150)],
  ] as const)('is at most %s', (code, claim) => {
    expect(verdictOf({ claim, native: from, tuned: to })).toMatchObject({ code, n: 2 })
  })

  it.each([
    ['ratio', ratio('>=', measuredOf(ratio('>=', 1), from, to) * 1.005)],
    ['value', value('<=', measuredOf(value('<=', 1), from, to) * 1.005)],
    ['same', same(Math.abs(measuredOf(same(1), from, to)) + 1)],
  ])('is inconclusive if its %s clears the threshold by less than the floor', (_, claim) => {
    expect(verdictOf({ claim, native: from, tuned: to }).code).toBe('inconclusive')
  })

  it('is marked uncheckable if it rests on recorded figures', () => {
    const recorded = [
      recordedConfig('native', { figures: [{ metric: 'latencyMean', value: 400 }] }),
      recordedConfig('tuned', { from: 'native', figures: [{ metric: 'latencyMean', value: 200 }] }),
    ]
    const hypotheses = [{ id: 'H', statement: '', gate: false, claim: change('<=', -30) }]
    const { hypotheses: results } = analysisOf(experimentOf(recorded, { hypotheses }), {})
    expect(results[0]).toMatchObject({
      measured: -50,
      verdict: { code: 'indicated-for', uncheckable: true, n: 0 },
    })
  })
})

describe('a claim about recorded figures', () => {
  /** Its figures fit 2 users: 10 requests per second of 200 ms each. */
  const document = (key: string, users: number, latency: number) =>
    recordedConfig(key, {
      figures: [
        { metric: 'qps', value: 2000 / latency },
        { metric: 'latencyMean', value: latency },
        { metric: 'outputTokens', value: latency },
        { metric: 'users', value: users },
      ],
    })
  const verdictOn = (metric: string, native: number, tuned: number) => {
    const hypotheses = [{ id: 'H', statement: '', gate: false, claim: change('<=', -30, metric) }]
    const configs = [document('native', native, 400), document('tuned', tuned, 200)]
    return analysisOf(experimentOf(configs, { hypotheses }), {}).hypotheses[0]!.verdict
  }

  it.each([
    ['tuned', 2, 9],
    ['native', 9, 2],
  ])('has no verdict if those of %s fail an audit that concerns the metric', (config, ...users) => {
    const reason = { code: 'audit', audit: 'littlesLaw', config }
    expect(verdictOn('latencyMean', ...users)).toMatchObject({ code: 'none', reason })
  })

  it('has a verdict if they pass, or if the audit does not concern the metric', () => {
    expect(verdictOn('latencyMean', 2, 2).code).toBe('indicated-for')
    expect(verdictOn('outputTokens', 2, 9).code).toBe('indicated-for')
  })
})

describe('a claim without a verdict', () => {
  it.each([change('<=', -30), ratio('>=', 80), same(5), value('<=', 250)])(
    'is pending if a config is not measured yet: $kind',
    (claim) => {
      expect(verdictOf({ claim, native: slow }).code).toBe('pending')
    },
  )

  it.each([
    [
      'a config failed',
      { native: slow, tuned: rounds('tuned', 3, { end: { outcome: 'failed' } }) },
      { code: 'failed', config: 'tuned' },
    ],
    [
      'a trial failed an audit that concerns the metric',
      {
        native: slow,
        tuned: rounds('tuned', 6, (round) =>
          round === 4
            ? { end: { client: { loopDelayP99Ms: 90, loopDelayIdleP99Ms: 1, cpuMs: 1 } } }
            : {},
        ),
      },
      { code: 'audit', audit: 'clientBound', config: 'tuned' },
    ],
    [
      'success rates differ',
      {
        native: slow,
        tuned: rounds('tuned', 6, {
          alter: (request) =>
            request.index % 10 === 0 ? { ...request, outcome: 'timeout' } : request,
        }),
      },
      { code: 'ok-rates', from: 100 },
    ],
    [
      'there are too few requests for its quantile',
      {
        claim: change('<=', -30, 'latencyP99'),
        native: slow,
        tuned: rounds('tuned', 6, { windowMs: 3000 }),
      },
      { code: 'no-figure', config: 'tuned', absence: { code: 'too-few', minSamples: 100 } },
    ],
  ] as const)('has the reason that %s', (_, scenario, reason) => {
    expect(verdictOf({ claim: change('<=', -30), ...scenario })).toMatchObject({
      code: 'none',
      reason,
    })
  })

  it.each([change('<=', -30), ratio('>=', 80), same(5), value('<=', 250)])(
    'has neither figure nor verdict if the results are those of a stand-in: $kind',
    (claim) => {
      for (const trials of [{ native: slow, tuned: fast }, { native: slow }]) {
        const { result } = resultOf({ claim, ...trials, standIn: true })
        expect(result.verdict).toMatchObject({ code: 'none', reason: { code: 'stand-in' } })
        expect(result).not.toHaveProperty('measured')
        expect(result).not.toHaveProperty('interval')
        expect(result).not.toHaveProperty('change')
      }
    },
  )
})

describe('a claim about configs with different success rates', () => {
  it('is judged if the rates differ only by chance', () => {
    const failedOnce = rounds('tuned', 6, (round) => ({
      pace: 0.5,
      alter: (request) =>
        round === 2 && request.index < 40 ? { ...request, outcome: 'timeout' } : request,
    }))
    const scenario = { claim: change('<=', -30), native: slow, tuned: failedOnce }
    expect(verdictOf(scenario).code).toBe('supported')
  })
})

describe('unmetGates', () => {
  it('lists gated hypotheses that are not supported or rest on stand-ins', () => {
    const failures = (scenario: Scenario) => unmetGates(resultOf(scenario).analysis).length
    expect(failures({ claim: change('<=', -30), native: slow, tuned: fast })).toBe(0)
    expect(failures({ claim: change('<=', -50), native: slow, tuned: fast })).toBe(1)
    expect(failures({ claim: change('<=', -30), native: slow })).toBe(1)
    expect(failures({ claim: change('<=', -30), native: slow, tuned: fast, standIn: true })).toBe(1)
  })
})
