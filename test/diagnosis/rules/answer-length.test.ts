import { describe, expect, it } from 'vitest'
import { describeNextExperiment } from '../support/next-experiment.ts'
import { evidenceCodes, resultOf } from '../support/pairs.ts'
import { withoutFields } from '../support/request-changes.ts'

describe('rule answer-length', () => {
  it('proves the cause by token counts, and claims only the time of the additional tokens', () => {
    const found = resultOf('answer-length', {
      slow: { server: { decodeMs: 480, outputTokens: 42 } },
      fast: {},
    })
    expect(found).toMatchObject({ outcome: 'found', certainty: 'proven', cost: 'measured' })
    // three times the tokens at one speed: all of the 320 ms, but for noise
    expect(found?.outcome === 'found' && found.maxMs.moreTokens).toBeCloseTo(320, -2)
  })

  it('rules the cause out for slower answers of equal length', () => {
    const found = resultOf('answer-length', { slow: { server: { decodeMs: 480 } }, fast: {} })
    expect(evidenceCodes(found)).toEqual(['tokens.alike'])
  })

  it('rules the cause out if mean lengths differ by at most two percent', () => {
    const fast = { server: { outputTokens: 100 } }
    const slow = { server: { outputTokens: 102, decodeMs: 480 } }
    expect(resultOf('answer-length', { slow, fast })?.outcome).toBe('ruled-out')
  })

  it('reports missing token counts', () => {
    const slow = { server: { decodeMs: 480, alter: withoutFields('outputTokens') } }
    expect(resultOf('answer-length', { slow, fast: {} })).toMatchObject({
      outcome: 'unchecked',
      missing: [{ config: 'slow', fact: 'requests' }],
    })
  })
})

describeNextExperiment('answer-length', {
  slow: { server: { decodeMs: 480, outputTokens: 42 } },
  fast: {},
})
