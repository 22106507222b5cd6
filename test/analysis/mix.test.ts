import { describe, expect, it } from 'vitest'
import { factsOf, otherModelsOf } from '../../src/analysis/trial-facts.ts'
import { summariseTrial } from '../../src/analysis/summarise-trial.ts'
import type { Evidence, RequestRecord } from '../../src/results/record.ts'
import { RequestTable } from '../../src/results/request-table.ts'
import type { StoredTrial } from '../../src/results/store.ts'
import { endOf, headerOf, requestOf } from '../results/sample-trial.ts'

const workload = {
  cache: 'cold',
  load: { kind: 'closed-duration', users: 1 },
  mix: [
    { name: 'small', weight: 2 },
    { name: 'large', weight: 1 },
  ],
}

function read(when: Evidence['when'], facts: Evidence['facts'], model?: string): Evidence {
  return {
    type: 'evidence',
    atMs: when === 'before' ? 0 : 1200,
    source: '/api/ps',
    when,
    ...(model === undefined ? {} : { model }),
    facts,
  }
}

function mixedTrial(
  requests: readonly RequestRecord[],
  evidence: readonly Evidence[],
): StoredTrial {
  const table = new RequestTable()
  for (const request of requests) table.push(request)
  return {
    file: 't.jsonl',
    digest: 'sha256:0',
    header: headerOf({ workload }),
    evidence,
    window: { type: 'window', openMs: 0, closeMs: 1000 },
    requests: table,
    end: endOf(),
    truncated: false,
  }
}

/** A request that waits for its model first. */
const sent = (index: number, item: string, sentMs: number, endMs: number, loadMs: number) =>
  requestOf(index, {
    item,
    sentMs,
    endMs,
    loadMs,
    serverTotalMs: endMs - sentMs,
    promptEvalMs: 10,
    evalMs: endMs - sentMs - loadMs - 10,
    outputTokens: 10,
  })
const requests = [
  sent(0, 'small', 0, 200, 5),
  sent(1, 'large', 200, 600, 300),
  sent(2, 'small', 600, 1000, 250),
]
const swapping = [
  read('before', { loadedModels: '["small"]', loadCount: 0 }),
  read('after', { loadedModels: '["small"]', loadCount: 2 }),
]
const figuresOf = (evidence: readonly Evidence[]) =>
  summariseTrial(mixedTrial(requests, evidence)).figures

describe('the figures of a mix', () => {
  it('count loads and evictions, and the time in which a request waited for its model', () => {
    const figures = figuresOf(swapping)
    expect(figures.get('modelLoads')?.value).toBe(2)
    expect(figures.get('evictions')?.value).toBe(2)
    expect(figures.get('swapShare')?.value).toBeCloseTo(55, 6)
  })

  it('count a time in which several requests wait once', () => {
    const together = [
      sent(0, 'small', 0, 200, 5),
      sent(1, 'large', 0, 600, 500),
      sent(2, 'small', 200, 800, 400),
    ]
    const { figures } = summariseTrial(mixedTrial(together, swapping))
    expect(figures.get('swapShare')?.value).toBeCloseTo(60, 6)
  })

  it('are 0 without loads, and absent without a log', () => {
    const idle = figuresOf([
      read('before', { loadedModels: '["small","large"]', loadCount: 0 }),
      read('after', { loadedModels: '["small","large"]', loadCount: 0 }),
    ])
    for (const id of ['modelLoads', 'evictions', 'swapShare']) expect(idle.get(id)?.value).toBe(0)
    const unknown = figuresOf([])
    for (const id of ['modelLoads', 'evictions'])
      expect(unknown.get(id)?.absence).toEqual({ code: 'no-evidence' })
  })

  it('do not exist for other workloads', () => {
    const trial = mixedTrial(requests, swapping)
    const { load } = workload
    const other = { ...trial, header: headerOf({ workload: { load } }) }
    expect(summariseTrial(other).figures.has('modelLoads')).toBe(false)
  })
})

describe('an item of a mix', () => {
  const summary = summariseTrial(mixedTrial(requests, swapping))

  it('has figures of its own requests, whose rates add up', () => {
    const { figures, items } = summary
    expect(items?.get('small')?.get('latencyMean')).toMatchObject({ value: 300, n: 2 })
    expect(items?.get('large')?.get('latencyMean')).toMatchObject({ value: 400, n: 1 })
    expect(items?.get('large')?.get('load')).toMatchObject({ value: 300, n: 1 })
    const rates = ['small', 'large'].map((item) => items?.get(item)?.get('qps')?.value ?? NaN)
    expect(rates.reduce((sum, rate) => sum + rate, 0)).toBeCloseTo(
      figures.get('qps')?.value ?? NaN,
      9,
    )
  })

  it('keeps its samples apart from those of other items', () => {
    const same = requests.map((request) => ({
      ...request,
      sample: 'a',
      promptDigest: request.item ?? '',
    }))
    const { tallies } = summariseTrial(mixedTrial(same, []))
    expect([...tallies.promptDigests]).toEqual([
      ['small: a', 'small'],
      ['large: a', 'large'],
    ])
  })
})

describe('evidence about another model of a mix', () => {
  const summary = summariseTrial(
    mixedTrial(requests, [
      read('before', { quantization: 'Q4_1' }),
      read('before', { quantization: 'Q8_0' }, 'large'),
    ]),
  )

  it('is not about the model of the trial', () => {
    expect(factsOf([summary]).get('quantization')?.values).toEqual(['Q4_1'])
    const others = otherModelsOf([summary]).otherModels
    expect(others?.get('large')?.get('quantization')?.values).toEqual(['Q8_0'])
  })
})
