import { describe, expect, it } from 'vitest'
import { configFigure } from '../../src/analysis/config-figures.ts'
import { summariseTrial } from '../../src/analysis/summarise-trial.ts'
import type { Objective } from '../../src/experiment/threshold.ts'
import { type MetricId, metricById } from '../../src/metrics/catalog.ts'
import type { RequestRecord } from '../../src/results/record.ts'
import { RequestTable } from '../../src/results/request-table.ts'
import { endOf, headerOf, requestOf } from '../results/sample-trial.ts'
import { native } from './claims.ts'
import { simulateTrial } from './simulate.ts'

const atMost = (metric: MetricId, value: number): Objective => ({
  metric,
  threshold: { comparator: '<=', value, text: `<= ${value}ms` },
})

function summaryOf(requests: readonly RequestRecord[], objectives: readonly Objective[]) {
  const table = new RequestTable()
  for (const request of requests) table.push(request)
  const header = headerOf({
    workload: { cache: 'cold', load: { kind: 'closed-duration', users: 2 } },
  })
  return summariseTrial(
    {
      ...{ file: 't.jsonl', digest: 'sha256:0', header, evidence: [], requests: table },
      ...{ window: { type: 'window', openMs: 0, closeMs: 1000 }, end: endOf(), truncated: false },
    },
    objectives,
  )
}
const figuresOf = (...args: Parameters<typeof summaryOf>) => {
  const { figures } = summaryOf(...args)
  return { rate: figures.get('goodput'), share: figures.get('goodputShare') }
}

/** Two users without a queue: the four answers take 200, 300, 400 and 500 ms; the last request failed. */
const served = (index: number, sentMs: number, endMs: number, more: Partial<RequestRecord> = {}) =>
  requestOf(index, {
    ...{ sentMs, endMs, firstContentMs: sentMs + 100, outputTokens: 11 },
    ...{ loadMs: 5, promptEvalMs: 15, evalMs: endMs - sentMs - 20, ...more },
  })
const requests = [
  served(0, 0, 200),
  served(1, 0, 300),
  served(2, 200, 600),
  served(3, 300, 800),
  requestOf(4, { sentMs: 900, endMs: 910, outcome: 'reset' }),
]

describe('goodput', () => {
  it('counts the requests whose own latency is within the bound of a quantile', () => {
    const { rate, share } = figuresOf(requests, [atMost('latencyP95', 300)])
    expect(share).toEqual({ value: 40, n: 5, counts: { part: 2, whole: 5 } })
    // two requests in a window of 1 s
    expect(rate?.value).toBeCloseTo(2)
    expect(rate?.n).toBe(2)
    expect(figuresOf(requests, [atMost('latencyP50', 300)])).toEqual({ rate, share })
  })

  it('asks for all objectives', () => {
    const slow = requests.with(0, served(0, 0, 200, { firstContentMs: 190 }))
    const objectives = [atMost('latencyMax', 400), atMost('ttftP95', 100)]
    expect(figuresOf(slow, objectives).share?.counts).toEqual({ part: 2, whole: 5 })
  })

  it('judges the time per token of each answer, and lets answers of one token pass', () => {
    const short = requests.with(3, served(3, 300, 800, { outputTokens: 1 }))
    // (600 - 300) / 10 = 30 ms is too long, the answers before take 10 and 20 ms
    expect(figuresOf(short, [atMost('tpot', 25)]).share?.counts).toEqual({ part: 3, whole: 5 })
  })

  it('counts what succeeds if only the success rate is an objective', () => {
    const okRate: Objective = {
      metric: 'okRate',
      threshold: { comparator: '>=', value: 99, text: '>= 99%' },
    }
    const { figures } = summaryOf(requests, [okRate])
    expect(figures.get('goodput')).toEqual(figures.get('qps'))
    expect(figures.get('goodputShare')?.value).toBe(figures.get('okRate')?.value)
  })

  it('is 0 if no answer meets the objectives, and absent without answers', () => {
    const { rate, share } = figuresOf(requests, [atMost('latencyP95', 100)])
    expect([rate?.value, share?.value]).toEqual([0, 0])
    const failed = requests.map((each) => ({ ...each, outcome: 'reset' as const }))
    expect(figuresOf(failed, [atMost('latencyP95', 100)]).rate?.absence?.code).toBe('none-ok')
  })

  it('is absent if no objective bounds a single request, or a time is not recorded', () => {
    expect(figuresOf(requests, [atMost('latencyMean', 300)]).rate?.absence).toEqual({
      code: 'no-request-objective',
    })
    const { firstContentMs, ...silent } = served(0, 0, 200)
    expect(firstContentMs).toBe(100)
    const { rate, share } = figuresOf(requests.with(0, silent), [atMost('ttftP95', 300)])
    expect([rate?.absence?.code, share?.absence?.code]).toEqual(['no-evidence', 'no-evidence'])
  })

  it('does not exist without objectives', () => {
    expect(figuresOf(requests, [])).toEqual({ rate: undefined, share: undefined })
  })

  it('has an interval over rounds, also if no request of a round meets the objectives', () => {
    const rounds = [1, 1, 6, 1].map((pace, index) => {
      const header = headerOf({
        round: index + 1,
        workload: {
          cache: 'cold',
          load: { kind: 'closed-duration', users: 3, durationMs: 20_000 },
        },
      })
      const trial = simulateTrial({ seed: index + 1, pace, header })
      return summariseTrial(trial, [atMost('latencyP95', 400)])
    })
    const figure = (id: MetricId) => configFigure(metricById(id)!, native, rounds)
    expect(figure('goodput').byRound.map(({ value }) => value === 0)).toEqual([
      ...[false, false, true, false],
    ])
    const { value = NaN, interval } = figure('goodput')
    expect(value).toBeGreaterThan(9)
    expect(interval?.low).toBe(0)
    expect(interval?.high).toBeGreaterThan(value)
    const share = figure('goodputShare')
    expect(share.interval?.low).toBeLessThan(share.value!)
  })
})
