import { describe, expect, it } from 'vitest'
import { capacityOf } from '../../src/analysis/analyse-capacity.ts'
import type { TrialSummary } from '../../src/analysis/trial-summary.ts'
import type { Hypothesis } from '../../src/experiment/experiment.ts'
import type { LoadSeries } from '../../src/experiment/levels/load-series.ts'
import type { Objective } from '../../src/experiment/threshold.ts'
import { experimentOf, measuredConfig } from '../report/support/analysis.ts'
import { analysisOf, roundsOf, trialsWith } from './simulated-analysis.ts'
import { threshold } from './claims.ts'

const users = [1, 2, 4, 8]
const series: LoadSeries = {
  key: 'one',
  of: 'users',
  levels: users.map((value) => ({
    ...{ value, config: `one-users-${value}`, suffix: `, users=${value}` },
  })),
}
const latency: Objective = { metric: 'latencyP95', threshold: threshold('<=', 1000) }
const template = roundsOf('one', 1, () => ({ windowMs: 3_000 }))[0]!

/** Trials whose figure lies this much around a value in six rounds. */
const around = (value: number, spread = 0.02): readonly TrialSummary[] =>
  trialsWith(
    template,
    'latencyP95',
    [-1, 1, 0.5, -0.5, 0.8, -0.8].map((step) => value * (1 + spread * step)),
  )

/** @param trials one entry a level */
function analysed(
  trials: readonly (readonly TrialSummary[])[],
  {
    claims = [],
    objectives = [latency],
  }: {
    readonly claims?: readonly string[]
    readonly objectives?: readonly Objective[]
  } = {},
) {
  const configs = series.levels.map(({ config }) => measuredConfig(config))
  const hypotheses = claims.map((text, index): Hypothesis => {
    const [comparator = '', value = ''] = text.split(' ')
    const bound = threshold(comparator as '>=' | '<=', Number(value))
    const claim = { metric: 'capacity', config: 'one', kind: 'value', threshold: bound } as const
    return { id: `H${index + 1}`, statement: '', gate: false, claim }
  })
  const experiment = {
    ...experimentOf(configs, { rounds: 6 }),
    ...{ hypotheses, objectives, series: [series] },
  }
  const byKey = Object.fromEntries(
    series.levels.flatMap(({ config }, index) => {
      const own = trials[index]
      return own === undefined ? [] : [[config, own] as const]
    }),
  )
  return analysisOf(experiment, byKey)
}
const found = (...args: Parameters<typeof analysed>) => {
  const { atLeast, atMost, estimate, levels } = analysed(...args).capacities![0]!
  return { atLeast, atMost, estimate, outcomes: levels.map(({ outcome }) => outcome).join(' ') }
}

describe('capacity', () => {
  it('is the highest level that is proven to meet the objective, below one that is proven to miss it', () => {
    expect(found([around(200), around(400), around(800), around(1600)])).toEqual({
      ...{ atLeast: 4, atMost: 4, estimate: 4, outcomes: 'met met met missed' },
    })
  })

  it('lies between levels if the one between proves nothing', () => {
    expect(found([around(200), around(400), around(1001), around(1600)])).toEqual({
      ...{ atLeast: 2, atMost: 4, estimate: 2, outcomes: 'met met unclear missed' },
    })
  })

  it('has no upper end if the highest level is not proven to miss', () => {
    const { atLeast, atMost } = found([around(200), around(300), around(400), around(500)])
    expect([atLeast, atMost]).toEqual([8, undefined])
  })

  it('is 0 at most if the lowest level misses', () => {
    const { atLeast, atMost, estimate } = found(users.map(() => around(3000)))
    expect([atLeast, atMost, estimate]).toEqual([undefined, 0, 0])
  })

  it('is not proven beyond a level that proves nothing, whatever higher levels show', () => {
    const { atLeast, atMost } = found([around(200), around(990, 0.3), around(400), around(1600)])
    expect([atLeast, atMost]).toEqual([1, 4])
  })

  it('is not proven by fewer than three rounds, nor at levels without figures', () => {
    const two = (value: number) => around(value).slice(0, 2)
    expect(found([two(200), two(400), two(800), two(1600)])).toEqual({
      ...{ atLeast: undefined, atMost: undefined, estimate: 4 },
      outcomes: 'unclear unclear unclear unclear',
    })
    expect(found([around(200), around(400)])).toMatchObject({ atLeast: 2, atMost: undefined })
  })

  it('gives the reason if a level is not judged: a failed check, or too few requests', () => {
    const mean: Objective = { metric: 'latencyMean', threshold: threshold('<=', 1000) }
    const few = trialsWith(template, 'latencyMean', [200, 201, 202, 203]).map((trial) => ({
      ...trial,
      figures: new Map([['latencyMean', { value: 200 + trial.header.round, n: 40 }]]),
    }))
    const late = trialsWith(template, 'latencyMean', [200, 201, 202, 203]).map((trial) => ({
      ...trial,
      audits: [{ id: 'clientBound', outcome: 'fail', numbers: {} } as const],
    }))
    const { capacities } = analysed([few, late], { objectives: [mean] })
    expect(capacities?.[0]?.levels.slice(0, 2).map(({ judged }) => judged[0]?.obstacle)).toEqual([
      ...['few-requests', { audit: 'clientBound' }],
    ])
  })

  it('requires all objectives, and is missed if one of them is', () => {
    const share: Objective = { metric: 'okRate', threshold: threshold('>=', 99) }
    const withRate = (trials: readonly TrialSummary[], ok: number) =>
      trials.map((trial) => ({
        ...trial,
        figures: new Map([
          ...trial.figures,
          ['okRate', { value: ok / 10, n: 1000, counts: { part: ok, whole: 1000 } }] as const,
        ]),
      }))
    const levels = [around(200), around(400), around(500), around(600)]
    const rates = [1000, 1000, 990, 900]
    const objectives = [latency, share]
    expect(
      found(
        levels.map((trials, index) => withRate(trials, rates[index]!)),
        { objectives },
      ),
    ).toMatchObject({ atLeast: 2, atMost: 4, outcomes: 'met met unclear missed' })
  })

  it('decides claims that name a level by what the intervals prove', () => {
    const levels = [around(200), around(400), around(1001), around(1600)]
    const claims = ['>= 2', '>= 4', '>= 8', '<= 4', '<= 1']
    const { hypotheses } = analysed(levels, { claims })
    expect(hypotheses.map(({ verdict }) => verdict.code)).toEqual([
      ...['supported', 'inconclusive', 'refuted', 'supported', 'refuted'],
    ])
    const [first] = hypotheses
    expect([first?.measured, first?.interval?.low, first?.interval?.high]).toEqual([2, 2, 4])
  })

  it('leaves a claim open if no level is measured, and says nothing for a demo', () => {
    const { hypotheses } = analysed([], { claims: ['>= 2'] })
    expect(hypotheses[0]?.verdict.code).toBe('pending')
    const configs = series.levels.map(({ config }) => measuredConfig(config))
    const experiment = { ...experimentOf(configs), objectives: [latency], series: [series] }
    expect(analysisOf(experiment, {}, { standIn: true }).capacities).toBeUndefined()
  })

  it('is not decided where the timing error of the load generator reaches the objective', () => {
    const late = (trials: readonly TrialSummary[], ms: number) =>
      trials.map((trial) => {
        const figure = trial.figures.get('latencyP95')!
        const timingError = { value: ms, calibrated: false }
        return { ...trial, figures: new Map([['latencyP95', { ...figure, timingError }]]) }
      })
    const levels = [around(200), around(900), around(1100), around(1600)]
    expect(found(levels).outcomes).toBe('met met missed missed')
    expect(found(levels.map((trials) => late(trials, 150))).outcomes).toBe(
      'met unclear unclear missed',
    )
    expect(found(levels.map((trials) => late(trials, 20))).outcomes).toBe('met met missed missed')
  })

  it('takes its intervals at the confidence that it is given', () => {
    const { configs } = analysed(users.map(() => around(950, 0.06)))
    const byKey = new Map(configs.map((each) => [each.config.key, each]))
    const at = (confidence: number) => capacityOf(series, [latency], byKey, confidence).atLeast
    expect([at(0.5), at(0.999)]).toEqual([8, undefined])
  })
})

describe('the load curve', () => {
  /** A server with two slots under 1, 2, 4 and 8 users. */
  const levels = users.map((level) =>
    roundsOf(`one-users-${level}`, 6, (round) => ({
      ...{ users: level, slots: 2, windowMs: 8_000, seed: 31 * round + level },
      header: {
        position: round,
        workload: {
          cache: 'cold',
          load: { kind: 'closed-duration', users: level, durationMs: 8_000 },
        },
      },
    })),
  )

  it('shows where throughput stops growing, where requests begin to wait, and which part of the latency grows', () => {
    const { curve } = analysed(levels).capacities![0]!
    expect(curve.kneeAt).toBe(2)
    expect(curve.waitsFrom).toEqual({ level: 4 })
    expect(curve.unlistedFrom).toBeUndefined()
    expect(curve.rise).toMatchObject({ from: 1, to: 8, part: 'wait' })
    // eight users on two slots wait for three others, of about 200 ms each
    expect(curve.rise?.ms).toBeGreaterThan(500)
    expect(curve.rise?.share).toBeGreaterThan(95)
  })

  it('distinguishes waiting for a slot from time that the server does not list', () => {
    const { configs } = analysed(levels)
    const withSlots = (slots: number) =>
      new Map(
        configs.map((each) => [
          each.config.key,
          { ...each, facts: new Map([['slots' as const, { values: [slots], source: 'log' }]]) },
        ]),
      )
    const curveWith = (slots: number) => capacityOf(series, [latency], withSlots(slots), 0.95).curve
    expect(curveWith(2).waitsFrom).toEqual({ level: 4, slots: 2 })
    expect(curveWith(2).unlistedFrom).toBeUndefined()
    expect(curveWith(4).unlistedFrom).toEqual({ level: 4, slots: 4 })
    expect(curveWith(4).waitsFrom).toEqual({ level: 8, slots: 4 })
  })

  it('says nothing that two rounds cannot prove', () => {
    const { curve } = analysed(levels.map((trials) => trials.slice(0, 2))).capacities![0]!
    expect(curve).toEqual({})
  })
})
