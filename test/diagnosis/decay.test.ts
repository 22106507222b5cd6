import { describe, expect, it } from 'vitest'
import type { RequestRecord } from '../../src/results/record.ts'
import { waitsForLoad, without, withFields } from './alter.ts'
import { codes, lookedFor } from './story.ts'

/** Answers of the last third have a third of their tokens in the same time. */
const fading = (request: RequestRecord) =>
  request.sentMs > 13_800 ? withFields({ outputTokens: 5 })(request) : request
const server = { decodeMs: 260, windowMs: 20_000, alter: fading }

describe('slowing down while measured', () => {
  it('is likely with a sensor that says so', () => {
    const slow = {
      server,
      facts: { thermalState: '80 °C, slowed for heat 3 times since start' },
      after: { thermalState: '97 °C, slowed for heat 90 times since start' },
    }
    const found = lookedFor('decay', { slow, fast: {} })
    expect(found).toMatchObject({ outcome: 'found', certainty: 'likely', share: 'unknown' })
    expect(codes(found)).toEqual(['decay.change', 'decay.thermal'])
  })

  it('is possible without one', () => {
    expect(lookedFor('decay', { slow: { server }, fast: {} })).toMatchObject({
      certainty: 'possible',
      reservations: [{ code: 'decay.no-sensor' }],
    })
  })

  it('is ruled out where the thirds are alike', () => {
    const slow = { server: { decodeMs: 260, windowMs: 20_000, alter: waitsForLoad(1, () => true) } }
    expect(codes(lookedFor('decay', { slow, fast: {} }))).toEqual(['decay.none'])
  })

  it('is ruled out where it gets faster, whatever the sensor says', () => {
    const warmingUp = (request: RequestRecord) =>
      request.sentMs < 6_000 ? withFields({ outputTokens: 5 })(request) : request
    const slow = {
      server: { ...server, alter: warmingUp },
      facts: { powerSource: 'battery' },
    }
    expect(codes(lookedFor('decay', { slow, fast: {} }))).toEqual(['decay.none'])
  })

  it('could not be looked at where the window is not known', () => {
    const slow = { server: { ...server, alter: without('outputTokens') } }
    expect(lookedFor('decay', { slow, fast: {} })).toMatchObject({
      outcome: 'unchecked',
      missing: [{ config: 'slow', fact: 'requests' }],
    })
  })
})
