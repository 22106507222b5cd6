import { describe, expect, it } from 'vitest'
import type { RequestRecord } from '../../../src/results/record.ts'
import { describeNextExperiment } from '../support/next-experiment.ts'
import { evidenceCodes, resultOf } from '../support/pairs.ts'
import { waitsForLoad, withFields, withoutFields } from '../support/request-changes.ts'

/** Answers of the last third have a third of their tokens in the same time. */
const fading = (request: RequestRecord) =>
  request.sentMs > 13_800 ? withFields({ outputTokens: 5 })(request) : request
const server = { decodeMs: 260, windowMs: 20_000, alter: fading }

describe('rule decay', () => {
  it('finds the cause likely if a sensor confirms it', () => {
    const slow = {
      server,
      facts: { thermalState: '80 °C, slowed for heat 3 times since start' },
      after: { thermalState: '97 °C, slowed for heat 90 times since start' },
    }
    const found = resultOf('decay', { slow, fast: {} })
    expect(found).toMatchObject({ outcome: 'found', certainty: 'likely', share: 'unknown' })
    expect(evidenceCodes(found)).toEqual(['decay.change', 'decay.thermal'])
  })

  it('finds the cause possible without a sensor', () => {
    expect(resultOf('decay', { slow: { server }, fast: {} })).toMatchObject({
      certainty: 'possible',
      reservations: [{ code: 'decay.no-sensor' }],
    })
  })

  it('rules the cause out if the first and the last third have the same throughput', () => {
    const slow = { server: { decodeMs: 260, windowMs: 20_000, alter: waitsForLoad(1, () => true) } }
    expect(evidenceCodes(resultOf('decay', { slow, fast: {} }))).toEqual(['decay.none'])
  })

  it('rules the cause out if throughput rises, even if the machine ran on battery power', () => {
    const warmingUp = (request: RequestRecord) =>
      request.sentMs < 6_000 ? withFields({ outputTokens: 5 })(request) : request
    const slow = {
      server: { ...server, alter: warmingUp },
      facts: { powerSource: 'battery' },
    }
    expect(evidenceCodes(resultOf('decay', { slow, fast: {} }))).toEqual(['decay.none'])
  })

  it('reports a missing window', () => {
    const slow = { server: { ...server, alter: withoutFields('outputTokens') } }
    expect(resultOf('decay', { slow, fast: {} })).toMatchObject({
      outcome: 'unchecked',
      missing: [{ config: 'slow', fact: 'requests' }],
    })
  })
})

describeNextExperiment('decay', {
  slow: { server: { decodeMs: 260, windowMs: 20_000, alter: fading } },
  fast: {},
})
