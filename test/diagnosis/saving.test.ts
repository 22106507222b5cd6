/** Compares what a finding could save with a simulated server from which its cause is removed. */
import { describe, expect, it } from 'vitest'
import { latencyOf } from '../../src/diagnosis/config-facts.ts'
import type { Cause } from '../../src/diagnosis/rules.ts'
import { measuredSaving } from '../../src/diagnosis/saving.ts'
import { configOf } from '../analysis/simulated-analysis.ts'
import { measuredConfig } from '../report/support/analysis.ts'
import { diagnosePair, dockerOnMac, metal, slower, type Side } from './support/pairs.ts'
import { waitsForLoad } from './support/request-changes.ts'

/** Users who share slots, on a server that computes a number of times as long if only some layers are on the GPU. */
function server(users: number, slots: number, pace = 1): Side {
  const { workload } = measuredConfig('any')
  const load = { kind: 'closed-duration', users, durationMs: 30_000, atMostMs: 300_000 } as const
  return {
    config: { workload: { ...workload, load: { ...load, atLeast: 20 } } },
    facts: pace === 1 ? { slots } : { slots, layersOffloaded: 14, vramBytes: 500_000 },
    server: { windowMs: 30_000, users, slots, pace },
  }
}

/** What the finding says, and what the simulation saves in mean latency without the cause, in ms. */
function savingOf(cause: Cause, slow: Side, fast: Side, removed: Side) {
  const { analysis, diagnosis } = diagnosePair({ slow, fast, others: { removed }, rounds: 3 })
  const [main] = diagnosis.explanations
  const found = main?.findings.find((each) => each.cause === cause)
  const [before, after] = ['slow', 'removed'].map((key) => latencyOf(configOf(analysis, key)))
  return {
    saved: found?.savedMs ?? NaN,
    alone: found?.totalMs ?? NaN,
    simulated: (before ?? NaN) - (after ?? NaN),
    gap: main?.gap?.totalMs ?? NaN,
  }
}

function expectWithin(value: number, expected: number, share = 0.1) {
  expect(Math.abs(value / expected - 1), `${value} is not ${expected}`).toBeLessThan(share)
}

describe('what removing a cause saves', () => {
  it.each([
    { users: 3, slots: 1, pace: 2 },
    { users: 4, slots: 2, pace: 2 },
    { users: 3, slots: 1, pace: 1.3 },
  ])('includes the waiting that slow compute causes: %o', ({ users, slots, pace }) => {
    const slow = server(users, slots, pace)
    const without = server(users, slots)
    const result = savingOf('partial-offload', slow, server(users, users), without)
    expectWithin(result.saved, result.simulated)
    expect(result.alone).toBeLessThan(result.saved * 0.7)
  })

  it('is the whole wait, and no more, if the cause is too few slots', () => {
    const slow = server(3, 1, 2)
    const result = savingOf('slots', slow, server(3, 3), server(3, 3, 2))
    expectWithin(result.saved, result.simulated)
    expectWithin(result.alone, result.saved, 1e-9)
  })

  it('is what the cause accounts for by itself if no request waits for a slot', () => {
    const result = savingOf('partial-offload', server(3, 3, 2), server(3, 3), server(3, 3))
    expectWithin(result.saved, result.simulated)
    expectWithin(result.alone, result.saved, 0.02)
  })

  it('includes the wait once if both sides share slots alike', () => {
    const result = savingOf('partial-offload', server(3, 1, 2), server(3, 1), server(3, 1))
    expectWithin(result.saved, result.simulated)
    expectWithin(result.saved, result.gap)
  })

  it('counts longer answers at the speed of the slower side', () => {
    const long = { decodeMs: 480, outputTokens: 42 }
    const slow: Side = { ...server(3, 3, 2), server: { ...server(3, 3, 2).server, ...long } }
    const result = savingOf('answer-length', slow, server(3, 3), server(3, 3, 2))
    expectWithin(result.saved, result.simulated)
    expect(result.alone).toBeLessThan(result.saved * 0.85)
  })
})

describe('the measured saving of inference on the host', () => {
  const measured = (container: Side) => {
    const { analysis, diagnosis } = diagnosePair({ slow: container, fast: metal })
    const [main] = diagnosis.explanations
    const found = main?.findings.find(({ cause }) => cause === 'mac-container')
    if (main === undefined || found === undefined) throw new Error('the cause was not found')
    return measuredSaving(found, main, analysis)
  }

  it('is that of the config on the host if nothing else makes the container slower', () => {
    expect(measured(dockerOnMac)).toMatchObject({ config: 'fast' })
  })

  it('is not known if requests in the container also wait for a slot', () => {
    const waiting = {
      ...dockerOnMac,
      facts: { ...dockerOnMac.facts, slots: 1 },
      server: { ...slower, slots: 1 },
    }
    expect(measured(waiting)).toBeUndefined()
  })
})

describe('the measured saving of room for all models of a mix', () => {
  const { workload } = measuredConfig('any')
  const models = ['small', 'large']
  const keeping = (limit: string, others: Readonly<Record<string, string>> = {}): Side => ({
    config: {
      workload: {
        ...workload,
        mix: models.map((name) => ({ name, weight: 1, model: { name } })),
      },
      env: { OLLAMA_MAX_LOADED_MODELS: limit, ...others },
    },
  })
  const swapping: Side = {
    ...keeping('1'),
    server: { alter: waitsForLoad(1500, ({ index }) => index > 5 && index % 3 === 0) },
    after: { loadCount: 20, otherModelLoads: 0 },
  }
  const measured = (fast: Side) => {
    const { analysis, diagnosis } = diagnosePair({ slow: swapping, fast })
    const [main] = diagnosis.explanations
    const found = main?.findings.find(({ cause }) => cause === 'mix-evictions')
    if (main === undefined || found === undefined) throw new Error('the cause was not found')
    return measuredSaving(found, main, analysis)
  }

  it('is that of the config that keeps all of them', () => {
    expect(measured(keeping('2'))).toMatchObject({ config: 'fast' })
  })

  it('is not known if that config differs in another variable too', () => {
    expect(measured(keeping('2', { OLLAMA_FLASH_ATTENTION: '1' }))).toBeUndefined()
  })
})
