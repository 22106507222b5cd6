import { describe, expect, it } from 'vitest'
import { without } from './alter.ts'
import { codes, lookedFor } from './story.ts'

describe('longer answers', () => {
  it('are proven by the tokens, and cost what is not for slower ones', () => {
    const found = lookedFor('answer-length', {
      slow: { server: { decodeMs: 480, outputTokens: 42 } },
      fast: {},
    })
    expect(found).toMatchObject({ outcome: 'found', certainty: 'proven', share: 'measured' })
    // three times the tokens at one speed: all of the 320 ms, but for noise
    expect(found?.outcome === 'found' && found.claims.moreTokens).toBeCloseTo(320, -2)
  })

  it('are ruled out where the tokens are as many and each is slower', () => {
    const found = lookedFor('answer-length', { slow: { server: { decodeMs: 480 } }, fast: {} })
    expect(codes(found)).toEqual(['tokens.alike'])
  })

  it('are ruled out within two percent', () => {
    const fast = { server: { outputTokens: 100 } }
    const slow = { server: { outputTokens: 102, decodeMs: 480 } }
    expect(lookedFor('answer-length', { slow, fast })?.outcome).toBe('ruled-out')
  })

  it('could not be looked at where the server gives no tokens', () => {
    const slow = { server: { decodeMs: 480, alter: without('outputTokens') } }
    expect(lookedFor('answer-length', { slow, fast: {} })).toMatchObject({
      outcome: 'unchecked',
      missing: [{ config: 'slow', fact: 'requests' }],
    })
  })
})
