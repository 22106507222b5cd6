import { describe, expect, it } from 'vitest'
import { causeTestOf } from '../../../src/diagnosis/diagnosis.ts'
import { describeNextExperiment } from '../support/next-experiment.ts'
import {
  configResultOf,
  diagnosePair,
  evidenceCodes,
  inDocker,
  type Side,
} from '../support/pairs.ts'
import { withoutFields, type RequestChange } from '../support/request-changes.ts'

/** Delivers the whole answer at its end. */
const atOnce: RequestChange = (request) => ({
  ...request,
  firstByteMs: request.endMs - 1,
  firstContentMs: request.endMs - 1,
})

const shared = { target: { kind: 'url', url: 'http://10.0.0.7:11434', headers: {} } } as const
const held = (server: Side['server'] = {}): Side => ({
  config: shared,
  server: { ...server, alter: atOnce },
})

describe('rule buffered', () => {
  it('proves the cause by the server’s own durations, also in the faster config', () => {
    const result = configResultOf('buffered', {
      slow: { server: { decodeMs: 600 } },
      fast: held({ prefillMs: 40, decodeMs: 160, outputTokens: 8 }),
    })
    expect(result).toMatchObject({
      outcome: 'found',
      certainty: 'proven',
      rank: 'secondary',
      configs: ['fast'],
      totalMs: 0,
      evidence: [
        { code: 'buffered.first-token', values: { config: { config: 'fast' } } },
        { code: 'buffered.server', values: { outputTokens: { value: 8 } } },
      ],
      fixes: [{ code: 'bypass-proxy', config: 'fast', settings: [] }],
    })
    const values = result?.outcome === 'found' ? result.evidence.map((each) => each.values) : []
    const msOf = (index: number, name: string) => {
      const value = values[index]?.[name]
      return value !== undefined && 'value' in value ? value.value : NaN
    }
    const latency = msOf(0, 'latency')
    expect(msOf(0, 'firstToken')).toBeCloseTo(latency - 1, 0)
    expect(msOf(1, 'server') + msOf(1, 'decode')).toBeLessThanOrEqual(latency)
    expect(result).toMatchObject({
      firstTokenShare: 1 - msOf(1, 'server') / msOf(0, 'firstToken'),
    })
  })

  it('names the proxy from the environment, if there is one', () => {
    const slow = { ...held(), facts: { proxy: 'http://proxy:3128' } }
    expect(configResultOf('buffered', { slow, fast: {} })).toMatchObject({
      evidence: [
        {},
        {},
        { code: 'buffered.proxy', values: { proxy: { literal: 'http://proxy:3128' } } },
      ],
    })
  })

  it('rules the cause out if answers arrive while they are decoded', () => {
    const result = configResultOf('buffered', { slow: { config: shared }, fast: {} })
    expect(result?.outcome).toBe('ruled-out')
    expect(evidenceCodes(result)).toEqual(['buffered.streams'])
  })

  it.each([
    ['a single token', { outputTokens: 1 }],
    ['three tokens', { outputTokens: 3 }],
    ['tokens that take less than 20 ms', { decodeMs: 15 }],
    ['a prompt that takes ten times as long as the answer', { prefillMs: 900, decodeMs: 60 }],
  ] as const)('does not apply to answers of %s, which show no buffer', (_, server) => {
    expect(configResultOf('buffered', { slow: held(server), fast: {} })).toBeUndefined()
  })

  it('does not apply to a server that exp started, which has no proxy', () => {
    const slow = { server: { alter: atOnce } }
    expect(configResultOf('buffered', { slow, fast: {} })).toBeUndefined()
  })

  it('names the config whose requests have no durations', () => {
    const alter = withoutFields('serverTotalMs', 'evalMs', 'promptEvalMs', 'loadMs')
    const slow = { config: shared, server: { alter } }
    expect(configResultOf('buffered', { slow, fast: {} })).toMatchObject({
      outcome: 'unchecked',
      missing: [{ config: 'slow', fact: 'requests' }],
    })
  })
})

describe('the experiment after buffered', () => {
  it('claims that the first token arrives sooner', () => {
    const { analysis, diagnosis } = diagnosePair({ slow: held(), fast: {} })
    const test = causeTestOf(analysis, diagnosis, 'buffered')
    expect(test).toMatchObject({
      subject: 'slow',
      addedConfig: { from: 'subject', change: { target: { kind: 'process' } } },
      claim: { metric: 'ttftMean', config: 'added', versus: 'subject', kind: 'change' },
    })
    expect(test?.claim.percent).toBeLessThan(-10)
  })
})

describeNextExperiment('buffered', { slow: held(), fast: { config: inDocker } })
