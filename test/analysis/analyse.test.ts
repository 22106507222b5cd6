import { describe, expect, it } from 'vitest'
import { experimentOf, measuredConfig, recordedConfig } from '../report/support/analysis.ts'
import { analysisOf, configOf, roundsOf } from './simulated-analysis.ts'

const native = measuredConfig('native')
const tuned = measuredConfig('tuned', { from: 'native' })
const pair = experimentOf([native, tuned], { rounds: 4, baseline: 'tuned' })

describe('the analysis of the figures of the source document', () => {
  const figure = (metric: string, value: number) => ({ metric, value })
  const base = recordedConfig('base', {
    figures: [
      figure('qps', 6.53),
      figure('throughput', 5.28),
      figure('users', 3),
      figure('requests', 221),
      figure('latencyMean', 397.75),
      figure('latencyP95', 668.6),
      figure('latencyP99', 1032.95),
      figure('outputTokens', 13.95),
    ],
  })
  const best = recordedConfig('best', {
    from: 'base',
    figures: [
      figure('qps', 7.07),
      figure('throughput', 6.11),
      figure('latencyMean', 332.97),
      figure('latencyP95', 370.56),
      figure('latencyP99', 850.48),
    ],
  })
  const docker = recordedConfig('docker', {
    figures: [
      { metric: 'okRate', value: 100, counts: { part: 2, whole: 2 } },
      figure('latencyMean', 90_725.5),
      { metric: 'sampleTime', value: 45_400, approximate: true },
    ],
  })
  const next = measuredConfig('next', { from: 'docker' })
  const analysis = analysisOf(experimentOf([base, best, docker, next], { baseline: 'best' }), {})

  it('doubts a P99 of 221 requests, but not a P95', () => {
    const codesOf = (metric: string) =>
      configOf(analysis, 'base')
        .figures.get(metric)
        ?.doubts.flatMap(({ code, details }) =>
          code === 'fewForTail' ? [details['requests']] : [],
        )
    expect([codesOf('latencyP95'), codesOf('latencyP99')]).toEqual([[], [400]])
  })

  it('computes the changes that its figures give, and marks none, because the figures contradict each other', () => {
    const [comparison] = analysis.comparisons
    const changes = ['qps', 'throughput', 'latencyMean', 'latencyP95', 'latencyP99'].map((id) =>
      comparison?.changes.get(id)?.value?.toFixed(1),
    )
    expect(changes).toEqual(['8.3', '15.7', '-16.3', '-44.6', '-17.7'])
    expect(
      [...(comparison?.changes.values() ?? [])].flatMap(({ value, mark }) => (value ? [mark] : [])),
    ).toEqual(Array.from({ length: 5 }, () => 'unknown'))
    expect(comparison?.changes.get('latencyMean')?.obstacle).toMatchObject({ audit: 'littlesLaw' })
    expect(comparison?.changes.get('qps')).toMatchObject({ pairs: 0 })
    expect(comparison?.changes.get('qps')?.interval).toBeUndefined()
  })

  it('computes the ratio that mixes two metrics, and none of figures that contradict each other', () => {
    expect(
      analysis.ratios.map(({ config, value, status, mixesMetrics }) => [
        config,
        value?.toPrecision(3),
        status,
        mixesMetrics,
      ]),
    ).toEqual([
      ['best', '1.00', 'reference', false],
      ['base', undefined, 'unjudged', false],
      ['docker', '136', 'unjudged', true],
      ['next', undefined, 'pending', false],
    ])
    expect(analysis.ratios[2]?.figure).toMatchObject({
      approximate: true,
      doubts: [
        { code: 'sampleTimeBelowLatency', details: { latencyMs: 90_725.5, sampleTimeMs: 45_400 } },
      ],
    })
  })

  it('gives a reason for each figure that the document lacks', () => {
    expect(configOf(analysis, 'best').figures.get('outputTokens')?.absence).toEqual({
      code: 'not-recorded',
    })
    expect(configOf(analysis, 'next')).toMatchObject({ state: 'pending', trials: [] })
    expect(configOf(analysis, 'next').figures.get('qps')?.absence).toEqual({ code: 'pending' })
    expect(configOf(analysis, 'base').figures.get('latencyP95')).toMatchObject({
      n: 221,
      basedOn: 'document',
    })
    expect(analysis.period).toBeUndefined()
  })
})

describe('the analysis of two configs measured in one run', () => {
  const analysis = analysisOf(pair, {
    native: roundsOf('native', 4, (round) => ({ slots: 1, pace: 1 + round / 100 })),
    tuned: roundsOf('tuned', 4, (round) => ({ slots: 3, pace: 1 + round / 100 })),
  })
  const [comparison] = analysis.comparisons

  it('pairs them by round and computes the change from the figures in the table', () => {
    const change = comparison?.changes.get('qps')
    const [from, to] = ['native', 'tuned'].map(
      (key) => configOf(analysis, key).figures.get('qps')?.value ?? NaN,
    )
    expect(comparison).toMatchObject({
      base: 'native',
      config: 'tuned',
      paired: true,
      sameHost: true,
    })
    expect(change?.value).toBeCloseTo((to! / from! - 1) * 100, 9)
    expect(change?.interval?.low).toBeLessThan(change!.value!)
    expect(change?.interval?.high).toBeGreaterThan(change!.value!)
    expect(change).toMatchObject({ mark: 'better', pairs: 4 })
    expect(change!.detectable!).toBeGreaterThan(0)
    expect(change!.detectable!).toBeLessThan(change!.value!)
    expect(comparison?.changes.get('latencyMean')?.mark).toBe('better')
  })

  it('combines trials by their geometric mean, and parts of latency by their arithmetic mean', () => {
    const { figures } = configOf(analysis, 'native')
    const qps = figures.get('qps')!
    const product = qps.byRound.reduce((all, { value }) => all * value, 1)
    expect(qps.value).toBeCloseTo(product ** (1 / 4), 9)
    const wait = figures.get('wait')!
    expect(wait.value).toBeCloseTo(wait.byRound.reduce((all, { value }) => all + value, 0) / 4, 9)
    expect(qps.n).toBe(qps.byRound.reduce((all, { n }) => all + n, 0))
  })

  it('counts each sample of a score once', () => {
    const id = 'score.类别准确性'
    const withCheck = experimentOf(
      [native, tuned].map((config) => ({
        ...config,
        dataset: { ...config.dataset, checks: [{ name: '类别准确性', measure: 'exact' as const }] },
      })),
      { rounds: 3 },
    )
    const scored = analysisOf(withCheck, {
      native: roundsOf('native', 3, () => ({})),
      tuned: roundsOf('tuned', 3, () => ({})),
    })
    expect(configOf(scored, 'native').figures.get(id)).toMatchObject({
      value: 72.5,
      n: 40,
      basedOn: 'samples',
      counts: { part: 29, whole: 40 },
    })
    const change = scored.comparisons[0]?.changes.get(id)
    expect(change).toMatchObject({ value: 0, mark: 'unknown', pairs: 40 })
    expect([change?.interval?.low.toFixed(1), change?.interval?.high.toFixed(1)]).toEqual([
      '-6.1',
      '6.1',
    ])
  })

  it('marks equal shares as the same', () => {
    expect(comparison?.changes.get('okRate')).toMatchObject({ value: 0, mark: 'same' })
    expect(configOf(analysis, 'native').figures.get('okRate')?.counts?.whole).toBeGreaterThan(100)
  })

  it('gives the baseline the ratio 1', () => {
    expect(analysis.ratios.map(({ config, status }) => [config, status])).toEqual([
      ['tuned', 'best'],
      ['native', 'poor'],
    ])
    expect(analysis.ratios[0]?.value).toBe(1)
    expect(analysis.ratios[1]?.interval?.confidence).toBe(0.95)
  })

  it('takes the period from the stored times', () => {
    expect(analysis.period).toEqual({
      from: '2025-08-08T22:21:03.000+08:00',
      to: '2025-08-08T22:21:33.000+08:00',
    })
  })
})

describe('the analysis of incomplete results', () => {
  it('gives no interval for two rounds, and marks that follow the estimate', () => {
    const { comparisons } = analysisOf(pair, {
      native: roundsOf('native', 2, () => ({ slots: 1 })),
      tuned: roundsOf('tuned', 2, () => ({ slots: 3 })),
    })
    expect(comparisons[0]?.changes.get('qps')).toMatchObject({ mark: 'better', pairs: 2 })
    expect(comparisons[0]?.changes.get('qps')?.interval).toBeUndefined()
    expect(comparisons[0]?.changes.get('okRate')?.mark).toBe('unknown')
  })

  it('compares two runs without pairs', () => {
    const { comparisons } = analysisOf(pair, {
      native: roundsOf('native', 4, () => ({ slots: 1 })),
      tuned: roundsOf('tuned', 4, () => ({ header: { run: 'later', host: { id: 'other' } } })),
    })
    expect(comparisons[0]).toMatchObject({ paired: false, sameHost: false })
    expect(comparisons[0]?.changes.get('qps')).toMatchObject({ pairs: 0, mark: 'better' })
    expect(comparisons[0]?.changes.get('qps')?.interval).toBeDefined()
  })

  it('uses the other rounds if one failed, and calls the config incomplete', () => {
    const trials = roundsOf('native', 4, (round) =>
      round === 2 ? { end: { outcome: 'failed' } } : {},
    )
    const one = configOf(analysisOf(pair, { native: trials }), 'native')
    expect(one).toMatchObject({ state: 'incomplete', rounds: { planned: 4, ended: 3, failed: 1 } })
    expect(one.figures.get('qps')?.byRound.map(({ round }) => round)).toEqual([1, 3, 4])
  })

  it('gives the reason of the failure if no round ended', () => {
    const trials = roundsOf('native', 1, () => ({
      end: { outcome: 'failed', reason: 'no memory' },
    }))
    const one = configOf(analysisOf(pair, { native: trials }), 'native')
    expect(one.state).toBe('failed')
    expect(one.figures.get('qps')?.absence).toEqual({ code: 'failed', reason: 'no memory' })
  })

  it('omits a quantile if one trial has too few requests for it', () => {
    const trials = roundsOf('native', 3, (round) => (round === 2 ? { windowMs: 1000 } : {}))
    const { figures } = configOf(analysisOf(pair, { native: trials }), 'native')
    expect(figures.get('latencyP95')?.absence).toMatchObject({ code: 'too-few', minSamples: 20 })
    expect(figures.get('latencyMean')?.value).toBeGreaterThan(0)
  })

  it('omits metrics that do not apply to the load', () => {
    const { figures } = configOf(analysisOf(pair, {}), 'native')
    expect(
      [...figures.keys()].filter((id) => /FromSchedule|requestedRate|sampleTime/.test(id)),
    ).toEqual([])
    expect(figures.has('users')).toBe(true)
  })
})

describe('hypothesisResult', () => {
  const threshold = (comparator: '<=' | '>=', value: number) => ({
    comparator,
    value,
    text: String(value),
  })
  const claims = [
    {
      kind: 'change',
      metric: 'latencyP95',
      config: 'tuned',
      versus: 'native',
      threshold: threshold('<=', -30),
    },
    {
      kind: 'ratio',
      metric: 'qps',
      config: 'native',
      versus: 'tuned',
      threshold: threshold('>=', 80),
    },
    { kind: 'value', metric: 'latencyMean', config: 'tuned', threshold: threshold('<=', 500) },
  ] as const
  const experiment = experimentOf([native, tuned], {
    rounds: 4,
    hypotheses: claims.map((claim, index) => ({
      id: `H${index}`,
      statement: '',
      gate: false,
      claim,
    })),
  })
  const { hypotheses } = analysisOf(experiment, {
    native: roundsOf('native', 4, () => ({ slots: 1 })),
    tuned: roundsOf('tuned', 4, () => ({ slots: 3 })),
  })

  it('measures in the unit of the claim, with intervals corrected for the number of claims', () => {
    const [change, ratio, value] = hypotheses
    expect(change?.measured).toBeCloseTo(change!.change!.value!, 12)
    expect(ratio?.measured).toBeCloseTo((ratio!.figure.value! / ratio!.base!.value!) * 100, 9)
    expect(value?.measured).toBe(value?.figure.value)
    expect(value?.base).toBeUndefined()
    for (const { interval, measured } of hypotheses) {
      expect(interval?.confidence).toBeCloseTo(1 - 0.05 / 3, 12)
      expect(interval!.low).toBeLessThan(measured!)
      expect(interval!.high).toBeGreaterThan(measured!)
    }
    expect(change!.interval!.low).toBeLessThan(change!.change!.interval!.low)
  })
})
