import { describe, expect, it } from 'vitest'
import { describeNextExperiment } from '../support/next-experiment.ts'
import { evidenceCodes, resultOf } from '../support/pairs.ts'
import { delayedOnTheWay } from '../support/request-changes.ts'

const late = (loopDelayP99Ms: number) => ({
  client: { loopDelayP99Ms, loopDelayIdleP99Ms: 1, cpuMs: 300 },
})
const slow = (delay: number) => ({ server: { alter: delayedOnTheWay(60), end: late(delay) } })

describe('rule client', () => {
  it('finds the cause likely if the event loop was late in most trials', () => {
    const found = resultOf('client', { slow: slow(45), fast: {} })
    expect(found).toMatchObject({ outcome: 'found', certainty: 'likely' })
    expect(resultOf('outside', { slow: slow(45), fast: {} })).toBeUndefined()
  })

  it('finds the cause possible if the event loop was late in one trial', () => {
    const server = { alter: delayedOnTheWay(60) }
    const once = { server, round: (round: number) => (round === 1 ? { end: late(45) } : {}) }
    expect(resultOf('client', { slow: once, fast: {} })).toMatchObject({
      certainty: 'possible',
      totalMs: 0,
    })
    expect(resultOf('outside', { slow: once, fast: {} })).toMatchObject({ certainty: 'proven' })
  })

  it('rules the cause out if the event loop was on time', () => {
    expect(evidenceCodes(resultOf('client', { slow: slow(4), fast: {} }))).toEqual(['client.small'])
  })

  it('uses the estimate of how late answers were read, if the record has one', () => {
    const reads = (ms: number) => {
      const always = { meanMs: ms, p50Ms: ms, p90Ms: ms, p95Ms: ms, p99Ms: ms }
      const timing = { requests: 100, latency: always, firstToken: always }
      const end = { client: { ...late(45).client, timing } }
      return { server: { alter: delayedOnTheWay(60), end } }
    }
    expect(evidenceCodes(resultOf('client', { slow: reads(45), fast: {} }))).toEqual([
      'client.readDelay',
    ])
    expect(evidenceCodes(resultOf('client', { slow: reads(1), fast: {} }))).toEqual([
      'client.readSmall',
    ])
  })

  it('reports a missing measurement of the event loop', () => {
    const slow = { server: { alter: delayedOnTheWay(60), unwatched: true } }
    expect(resultOf('client', { slow, fast: {} })).toMatchObject({
      outcome: 'unchecked',
      missing: [{ config: 'slow', fact: 'requests' }],
    })
  })
})

describeNextExperiment('client', { slow: slow(45), fast: {} })
