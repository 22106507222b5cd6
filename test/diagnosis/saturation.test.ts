import { describe, expect, it } from 'vitest'
import { heldBack } from './alter.ts'
import { codes, lookedFor } from './story.ts'

const oneAtATime = { server: { slots: 1, users: 3 }, facts: { slots: 1 } }

describe('saturation', () => {
  it('is likely where more at once is slower for each and no more in all', () => {
    // three times as slow, three at once; and a little slower on top, so that this is the slower side
    const slow = { server: { slots: 3, pace: 3.6 }, facts: { slots: 3 } }
    const found = lookedFor('saturation', { slow, fast: oneAtATime })
    expect(found).toMatchObject({ outcome: 'found', certainty: 'likely' })
    expect(codes(found)).toEqual([
      'saturation.running',
      'saturation.compute',
      'saturation.throughput',
    ])
  })

  it('is ruled out where throughput rose', () => {
    const slow = { server: { slots: 3, pace: 2, users: 30 }, facts: { slots: 3 } }
    const fast = { server: { slots: 1, users: 3 }, facts: { slots: 1 } }
    expect(codes(lookedFor('saturation', { slow, fast }))).toEqual(['saturation.gained'])
  })

  it('is ruled out where each request is no slower', () => {
    const slow = { server: { slots: 3, users: 1, alter: heldBack(900) }, facts: { slots: 3 } }
    expect(codes(lookedFor('saturation', { slow, fast: oneAtATime }))).toEqual([
      'saturation.no-slower',
    ])
  })

  it('is not meant between different devices, or with as many at once', () => {
    const slow = { server: { pace: 3 } }
    expect(lookedFor('saturation', { slow, fast: {} })).toBeUndefined()
    const other = { facts: { slots: 1, modelDigest: 'b'.repeat(64) }, server: { slots: 1 } }
    expect(lookedFor('saturation', { slow: { server: { pace: 5 } }, fast: other })).toBeUndefined()
  })

  it('could not be looked at where the slots are not known', () => {
    const facts = { slots: undefined, serverConfig: undefined }
    const slow = { server: { pace: 3 }, facts }
    expect(lookedFor('saturation', { slow, fast: {} })).toMatchObject({
      outcome: 'unchecked',
      missing: [{ config: 'slow', fact: 'slots' }],
    })
  })
})
