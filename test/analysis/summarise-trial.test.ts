import { describe, expect, it } from 'vitest'
import { summariseTrial } from '../../src/analysis/summarise-trial.ts'
import { recordSchemas, type RequestRecord, type TrialHeader } from '../../src/results/record.ts'
import type { StoredTrial } from '../../src/results/store.ts'
import { RequestTable } from '../../src/results/request-table.ts'
import { logHistogram } from '../../src/stats/log-histogram.ts'
import { endOf, headerOf, requestOf } from '../results/sample-trial.ts'
import { simulateTrial } from './simulate.ts'

function trialOf(
  requests: readonly RequestRecord[],
  header: Partial<TrialHeader> = {},
): StoredTrial {
  const table = new RequestTable()
  for (const request of requests) table.push(request)
  return {
    file: 't.jsonl',
    digest: 'sha256:0',
    header: headerOf({
      workload: { cache: 'cold', load: { kind: 'closed-duration', users: 2 } },
      ...header,
    }),
    evidence: [],
    window: { type: 'window', openMs: 0, closeMs: 1000 },
    requests: table,
    end: endOf(),
    truncated: false,
  }
}
const figuresOf = (...args: Parameters<typeof trialOf>) => summariseTrial(trialOf(...args)).figures
const valueOf = (id: string, ...args: Parameters<typeof trialOf>) =>
  figuresOf(...args).get(id)?.value

describe('rates', () => {
  const served = (index: number, sentMs: number, endMs: number, outputTokens: number) => {
    const evalMs = endMs - sentMs - 20
    return requestOf(index, { sentMs, endMs, outputTokens, loadMs: 5, promptEvalMs: 15, evalMs })
  }
  const requests = [
    served(0, 0, 400, 10),
    served(1, 400, 800, 20),
    served(2, 0, 1000, 40),
    served(3, 800, 1200, 40),
    requestOf(4, { sentMs: 10, endMs: 20, outcome: 'reset' }),
    requestOf(5, { sentMs: 0, endMs: 1, phase: 'warmup' }),
  ]
  it('count ok requests and their tokens by the share of their service inside the window', () => {
    expect(figuresOf(requests).get('qps')).toEqual({ value: 3.5, n: 4 })
    expect(valueOf('throughput', requests)).toBe(90)
    // the last request now waits, and is served after the window
    const waiting = requests.map((request) =>
      request.index === 3 ? { ...request, evalMs: 150 } : request,
    )
    expect(figuresOf(waiting).get('qps')).toEqual({ value: 3, n: 3 })
    // without the server's parts, the whole latency counts
    const bare = waiting.map((request) => ({
      ...request,
      loadMs: 0,
      promptEvalMs: 0,
      evalMs: 0,
    }))
    const oneUser = { workload: { load: { kind: 'closed-duration', users: 1 } } }
    expect(valueOf('qps', bare, oneUser)).toBe(3.5)
  })

  it('of all tokens count prompts by the same shares', () => {
    // the prompts have 107 tokens
    expect(valueOf('totalThroughput', requests)).toBe(90 + 3.5 * 107)
    const cached = requests.map((each) => (each.index === 0 ? { ...each, promptTokens: 0 } : each))
    expect(figuresOf(cached).get('totalThroughput')?.absence).toEqual({ code: 'no-evidence' })
  })

  it('are absent, not 0, if no request succeeded', () => {
    expect(figuresOf([requestOf(0, { outcome: 'timeout' })]).get('qps')).toEqual({
      n: 0,
      absence: { code: 'none-ok', windowMs: 1000 },
    })
  })

  it('do not limit latency and counts to the window', () => {
    const figures = figuresOf(requests)
    expect(figures.get('latencyMean')).toEqual({ value: 550, n: 4 })
    expect(figures.get('requests')).toEqual({ value: 5, n: 5 })
    expect(figures.get('okRate')).toEqual({ value: 80, n: 5, counts: { part: 4, whole: 5 } })
    expect(figures.get('users')?.value).toBe(2)
  })
})

describe('quantiles', () => {
  const requests = (n: number) =>
    Array.from({ length: n }, (_, index) => requestOf(index, { sentMs: 0, endMs: index + 1 }))
  it('are of type 7, and absent with too few requests', () => {
    const figures = figuresOf(requests(20))
    expect(figures.get('latencyP50')?.value).toBe(10.5)
    expect(figures.get('latencyP95')?.value).toBeCloseTo(19.05, 12)
    expect(figures.get('latencyP99')).toEqual({
      n: 20,
      absence: { code: 'too-few', n: 20, minSamples: 100 },
    })
    expect(figuresOf(requests(19)).get('latencyP95')?.absence).toEqual({
      code: 'too-few',
      n: 19,
      minSamples: 20,
    })
    expect(valueOf('latencyP99', requests(100))).toBeCloseTo(99.01, 12)
  })

  it('include P90 from 10 requests on', () => {
    expect(valueOf('latencyP90', requests(10))).toBeCloseTo(9.1, 12)
    expect(figuresOf(requests(9)).get('latencyP90')?.absence).toEqual({
      code: 'too-few',
      n: 9,
      minSamples: 10,
    })
  })
})

describe('the spread of latencies', () => {
  const latencies = (...values: readonly number[]) =>
    figuresOf(values.map((endMs, index) => requestOf(index, { sentMs: 0, endMs })))
  it('is stated by the maximum and the standard deviation of the sample', () => {
    const figures = latencies(100, 200, 400, 500)
    expect(figures.get('latencyMax')).toEqual({ value: 500, n: 4 })
    expect(figures.get('latencySd')?.value).toBeCloseTo(Math.sqrt(100_000 / 3), 9)
    expect(latencies(300, 300).get('latencySd')?.value).toBe(0)
  })

  it('has no standard deviation of one request', () => {
    expect(latencies(100).get('latencySd')?.absence).toEqual({
      code: 'too-few',
      n: 1,
      minSamples: 2,
    })
    expect(latencies(100).get('latencyMax')?.value).toBe(100)
  })
})

describe('times to first token', () => {
  it('end at thinking or content, whichever is first; ttfo ends at content', () => {
    const figures = figuresOf([
      requestOf(0, { sentMs: 0, firstThinkingMs: 10, firstContentMs: 50 }),
      requestOf(1, { sentMs: 0, firstContentMs: 30 }),
    ])
    expect(figures.get('ttftMean')?.value).toBe(20)
    expect(figures.get('ttfoMean')?.value).toBe(40)
  })

  it('exclude the later tokens, which tpot measures', () => {
    const request = requestOf(0, { sentMs: 0, firstContentMs: 30, endMs: 130, outputTokens: 11 })
    expect(valueOf('tpot', [request])).toBe(10)
    expect(figuresOf([{ ...request, outputTokens: 1 }]).get('tpot')?.absence).toEqual({
      code: 'one-token',
    })
  })
})

describe('inter-token latency', () => {
  // the n-th gap of a request is n ms
  const streamed = (index: number, gaps: number) =>
    requestOf(index, {
      outputTokens: gaps + 1,
      tokenGaps: logHistogram(Array.from({ length: gaps }, (_, at) => at + 1)),
    })

  it('is a quantile over the gaps of all requests, and counts the gaps', () => {
    const figures = figuresOf([streamed(0, 100), streamed(1, 100), requestOf(2, {})])
    for (const [id, ms] of [
      ['itlP50', 50.5],
      ['itlP95', 95],
      ['itlP99', 99],
    ] as const) {
      expect(figures.get(id)?.n).toBe(200)
      expect(Math.abs((figures.get(id)?.value ?? NaN) / ms - 1)).toBeLessThan(0.011)
    }
  })

  it('leaves out failed and warm-up requests', () => {
    const failed = { ...streamed(1, 40), outcome: 'reset' as const }
    const warmup = { ...streamed(2, 50), phase: 'warmup' as const }
    expect(figuresOf([streamed(0, 30), failed, warmup]).get('itlP50')?.n).toBe(30)
  })

  it('is absent for few gaps, and for requests that were stored without gaps', () => {
    expect(figuresOf([streamed(0, 99)]).get('itlP99')?.absence).toEqual({
      code: 'too-few',
      n: 99,
      minSamples: 100,
    })
    expect(figuresOf([requestOf(0, {})]).get('itlP50')?.absence).toEqual({ code: 'no-evidence' })
  })

  it('knows how many tokens arrive together', () => {
    const grouped = { ...streamed(0, 29), outputTokens: 120 }
    expect(figuresOf([grouped]).get('itlP50')?.tokensPerArrival).toBe(4)
  })
})

describe('latency from schedule', () => {
  it('includes the queue of a stalled server', () => {
    const open = { workload: { load: { kind: 'open', ratePerSecond: 5 } } }
    const figures = figuresOf(
      [
        requestOf(0, { scheduledMs: 0, sentMs: 300, endMs: 400 }),
        requestOf(1, { scheduledMs: 200, sentMs: 200, endMs: 300 }),
      ],
      open,
    )
    expect(figures.get('latencyMean')?.value).toBe(100)
    expect(figures.get('latencyMeanFromSchedule')?.value).toBe(250)
    expect(figures.get('requestedRate')?.value).toBe(5)
    expect(figures.get('achievedRate')?.value).toBe(2.5)
    expect(figures.has('users')).toBe(false)
  })
})

describe('speeds', () => {
  const request = requestOf(0, {
    outputTokens: 20,
    evalMs: 100,
    promptTokens: 50,
    promptEvalMs: 25,
  })
  it('are ratios of sums, not means of ratios', () => {
    const other = requestOf(1, {
      outputTokens: 10,
      evalMs: 200,
      promptTokens: 50,
      promptEvalMs: 75,
    })
    expect(valueOf('decodeSpeed', [request, other])).toBe(100)
    expect(valueOf('prefillSpeed', [request, other])).toBe(1000)
  })

  it('of prefill are absent if cache hits are unknown', () => {
    const asIs = { workload: { cache: 'as-is', load: { kind: 'closed-duration', users: 1 } } }
    expect(figuresOf([request], asIs).get('prefillSpeed')?.absence).toEqual({
      code: 'cache-unknown',
    })
    expect(valueOf('prefillSpeed', [{ ...request, cachedTokens: 25 }], asIs)).toBe(1000)
  })
})

describe('parts of latency', () => {
  it('add up to the latency', () => {
    const figures = figuresOf([
      requestOf(0, {
        sentMs: 0,
        endMs: 100,
        serverTotalMs: 90,
        loadMs: 5,
        promptEvalMs: 20,
        evalMs: 40,
      }),
      // omitted durations are 0
      {
        ...requestOf(1),
        sentMs: 0,
        endMs: 50,
        serverTotalMs: 50,
        loadMs: 0,
        promptEvalMs: 0,
        evalMs: 40,
      },
    ])
    const parts = ['wait', 'load', 'prefill', 'decode', 'outside'].map(
      (id) => figures.get(id)?.value,
    )
    expect(parts).toEqual([17.5, 2.5, 10, 40, 5])
    expect(parts.reduce((sum = 0, part = 0) => sum + part, 0)).toBe(
      figures.get('latencyMean')?.value,
    )
  })

  it('treat an excess within clock granularity as 0, and are absent for a larger one', () => {
    const request = requestOf(0, {
      sentMs: 0,
      endMs: 100,
      serverTotalMs: 90,
      loadMs: 0,
      promptEvalMs: 20,
      evalMs: 70.6,
    })
    expect(valueOf('wait', [request])).toBe(0)
    expect(valueOf('outside', [request])).toBeCloseTo(9.4, 9)
    const impossible = figuresOf([{ ...request, evalMs: 72 }])
    expect(impossible.get('decode')?.absence).toEqual({ code: 'audit', audit: 'timeBudget' })
    expect(figuresOf([{ ...request, endMs: 88 }]).get('outside')?.absence?.code).toBe('audit')
  })

  it.each(['serverTotalMs', 'loadMs', 'promptEvalMs', 'evalMs'])(
    'are absent if the server gives no %s',
    (missing) => {
      const request = Object.entries(requestOf(0)).filter(([field]) => field !== missing)
      const figures = figuresOf([recordSchemas.request.parse(Object.fromEntries(request))])
      expect(figures.get('wait')?.absence).toEqual({ code: 'no-evidence' })
      expect(figures.get('decodeSpeed')?.value === undefined).toBe(missing === 'evalMs')
    },
  )
})

describe('gpuShare', () => {
  it('is computed from evidence', () => {
    const trial = trialOf([requestOf(0)])
    const seen = { type: 'evidence', atMs: 1, source: '/api/ps', when: 'during' } as const
    const facts = { vramBytes: 250, loadedSizeBytes: 1000 }
    expect(
      summariseTrial({ ...trial, evidence: [{ ...seen, facts }] }).figures.get('gpuShare')?.value,
    ).toBe(25)
    expect(summariseTrial(trial).figures.get('gpuShare')?.absence).toEqual({ code: 'no-evidence' })
  })

  it('is absent if the server reports more GPU memory than the model has in all', () => {
    const facts = { vramBytes: 2000, loadedSizeBytes: 1000 }
    const evidence = [
      { type: 'evidence', atMs: 1, source: '/api/ps', when: 'during', facts },
    ] as const
    const { figures } = summariseTrial({ ...trialOf([requestOf(0)]), evidence })
    expect(figures.get('gpuShare')).toMatchObject({ absence: { code: 'above-size' }, n: 1 })
    expect(figures.get('gpuShare')).not.toHaveProperty('value')
  })
})

describe('scores and failures', () => {
  it('give one outcome for each sample, over ok requests of the measured phase', () => {
    const { scores } = summariseTrial(
      trialOf([
        requestOf(0, { sample: 'a', scores: { x: 1 } }),
        requestOf(1, { sample: 'a', scores: { x: 0 } }),
        requestOf(2, { sample: 'b', scores: { x: 1, y: 0.5 } }),
        requestOf(3, { sample: 'b', scores: { x: 0 }, phase: 'warmup' }),
      ]),
    )
    expect(scores.get('x')).toEqual(
      new Map([
        ['a', { mean: 0.5, n: 2 }],
        ['b', { mean: 1, n: 1 }],
      ]),
    )
    expect(scores.get('y')).toEqual(new Map([['b', { mean: 0.5, n: 1 }]]))
  })

  it('count failures by kind and status, each with its first error text', () => {
    const error = (index: number, httpStatus: number, text: string) =>
      requestOf(index, { outcome: 'http-error', httpStatus, error: text })
    const { failures } = summariseTrial(
      trialOf([
        requestOf(0, { outcome: 'timeout' }),
        error(1, 503, 'busy'),
        error(2, 429, 'too many'),
        error(3, 503, 'gone'),
        error(4, 429, 'too many'),
        error(5, 503, 'busy'),
      ]),
    )
    expect(failures).toEqual([
      { outcome: 'http-error', httpStatus: 503, count: 3, error: 'busy', hasOtherErrors: true },
      { outcome: 'http-error', httpStatus: 429, count: 2, error: 'too many' },
      { outcome: 'timeout', count: 1 },
    ])
  })
})

describe('the figures of a simulated closed loop', () => {
  it('agree with the parameters of the simulation', () => {
    const { figures } = summariseTrial(simulateTrial({ users: 3, slots: 1, noise: 0 }))
    const service = 2 + 40 + 160
    expect(figures.get('qps')?.value).toBeCloseTo(1000 / service, 1)
    // the first requests wait less
    expect(figures.get('latencyMean')!.value! / (3 * service)).toBeCloseTo(1, 1)
    expect(figures.get('wait')!.value! / (2 * service)).toBeCloseTo(1, 1)
    expect(figures.get('decodeSpeed')?.value).toBeCloseTo((14 / 160) * 1000, 6)
  })

  it('are empty without a window', () => {
    const { file, digest, header, evidence, requests } = simulateTrial()
    expect(
      summariseTrial({ file, digest, header, evidence, requests, truncated: true }),
    ).toMatchObject({
      outcome: 'interrupted',
      figures: new Map(),
    })
  })
})
