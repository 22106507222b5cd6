import { describe, expect, it } from 'vitest'
import { summariseTrial } from '../../src/analysis/summarise-trial.ts'
import { turnsOf } from '../../src/analysis/config-analysis.ts'
import type { RequestRecord } from '../../src/results/record.ts'
import { RequestTable } from '../../src/results/request-table.ts'
import type { StoredTrial } from '../../src/results/store.ts'
import { endOf, headerOf, requestOf } from '../results/sample-trial.ts'

const workload = { cache: 'cold', load: { kind: 'closed-duration', users: 1 } }

function trialOf(requests: readonly RequestRecord[]): StoredTrial {
  const table = new RequestTable()
  for (const request of requests) table.push(request)
  return {
    file: 't.jsonl',
    digest: 'sha256:0',
    header: headerOf({ workload }),
    evidence: [],
    window: { type: 'window', openMs: 0, closeMs: 10_000 },
    requests: table,
    end: endOf(),
    truncated: false,
  }
}

/** The turn of a conversation whose prompt grows by 100 tokens with each turn. */
function turn(index: number, number: number, more: Partial<RequestRecord> = {}): RequestRecord {
  return requestOf(index, {
    sample: `c1/${number}`,
    conversation: 0,
    turn: number,
    sentMs: index * 100,
    endMs: index * 100 + 50,
    promptTokens: number * 100,
    ...more,
  })
}

const cached = [
  turn(0, 1),
  turn(1, 2, { cachedTokens: 90 }),
  turn(2, 3, { cachedTokens: 190 }),
  turn(3, 1),
  turn(4, 2, { cachedTokens: 110, outcome: 'http-error' }),
]

describe('the figures of a turn', () => {
  it('come from the requests of this turn', () => {
    const { turns = [] } = turnsOf([summariseTrial(trialOf(cached))])
    expect(turns.map(({ number }) => number)).toEqual([1, 2, 3])
    const valuesOf = (id: string) => turns.map(({ figures }) => figures.get(id)?.value)
    expect(valuesOf('promptTokens')).toEqual([100, 200, 300])
    expect(valuesOf('requests')).toEqual([2, 2, 1])
  })

  it('count the hits of the cache in requests that succeeded', () => {
    const { turns = [] } = turnsOf([summariseTrial(trialOf(cached))])
    expect(turns.map((each) => each.cached)).toEqual([
      { promptTokens: 200, cachedTokens: 0, requests: 2 },
      { promptTokens: 200, cachedTokens: 90, requests: 1 },
      { promptTokens: 300, cachedTokens: 190, requests: 1 },
    ])
  })

  it('have no hits, rather than zero, if the server reports none', () => {
    const { turns = [] } = turnsOf([summariseTrial(trialOf([turn(0, 1), turn(1, 2)]))])
    expect(turns).toHaveLength(2)
    for (const each of turns) expect(each.cached).toBeUndefined()
  })

  it('are absent without conversations', () => {
    expect(turnsOf([summariseTrial(trialOf([requestOf(0)]))])).toEqual({})
  })
})

describe('the audit of cold caches', () => {
  it('does not count hits of later turns', () => {
    const auditOf = (requests: readonly RequestRecord[]) =>
      summariseTrial(trialOf(requests)).audits.find(({ id }) => id === 'cache')?.outcome
    expect(auditOf(cached)).not.toBe('fail')
    expect(auditOf([turn(0, 1, { cachedTokens: 99 }), turn(1, 2)])).toBe('fail')
  })
})
