import { describe, expect, it } from 'vitest'
import { describeNextExperiment } from '../support/next-experiment.ts'
import { evidenceCodes, resultOf } from '../support/pairs.ts'
import { withoutFields } from '../support/request-changes.ts'

const server = { windowMs: 20_000, decodePace: (progress: number) => 1 + progress / 2 }

describe('rule decay', () => {
  it('finds the cause likely if a sensor confirms it', () => {
    const slow = {
      server,
      facts: { thermalState: '80 °C, slowed for heat 3 times since start' },
      after: { thermalState: '97 °C, slowed for heat 90 times since start' },
    }
    const found = resultOf('decay', { slow, fast: {} })
    expect(found).toMatchObject({ outcome: 'found', certainty: 'likely', cost: 'unknown' })
    expect(evidenceCodes(found)).toEqual(['decay.change', 'decay.thermal'])
  })

  it('finds the cause possible without a sensor', () => {
    expect(resultOf('decay', { slow: { server }, fast: {} })).toMatchObject({
      certainty: 'possible',
      reservations: [{ code: 'decay.no-sensor' }],
    })
  })

  it('rules the cause out if the time per token stays the same', () => {
    const slow = { server: { decodeMs: 260, windowMs: 20_000 } }
    expect(evidenceCodes(resultOf('decay', { slow, fast: {} }))).toEqual(['decay.none'])
  })

  it('rules the cause out if the faster side slows down as much', () => {
    const slow = { server: { ...server, pace: 2 } }
    const fast = { server: { windowMs: 20_000, decodePace: (progress: number) => 1 + progress } }
    expect(evidenceCodes(resultOf('decay', { slow, fast }))).toEqual(['decay.no-more'])
  })

  it('cannot decide if the test could not find a slowdown of 25 %', () => {
    const slow = { server: { decodeMs: 260, windowMs: 3_000, noise: 0.3 } }
    expect(resultOf('decay', { slow, fast: {}, rounds: 3 })).toMatchObject({
      outcome: 'unchecked',
      missing: [{ config: 'slow', fact: 'enoughRequests' }],
    })
  })

  it('rules the cause out if the server gets faster, even if the machine ran on battery power', () => {
    const slow = {
      server: { windowMs: 20_000, decodePace: (progress: number) => 2 - progress },
      facts: { powerSource: 'battery' },
    }
    expect(evidenceCodes(resultOf('decay', { slow, fast: {} }))).toEqual(['decay.none'])
  })

  it('reports missing times per token', () => {
    const slow = { server: { ...server, alter: withoutFields('outputTokens') } }
    expect(resultOf('decay', { slow, fast: {} })).toMatchObject({
      outcome: 'unchecked',
      missing: [{ config: 'slow', fact: 'requests' }],
    })
  })
})

describeNextExperiment('decay', { slow: { server }, fast: {} })
