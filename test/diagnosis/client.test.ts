import { describe, expect, it } from 'vitest'
import { heldBack } from './alter.ts'
import { codes, lookedFor } from './story.ts'

const late = (loopDelayP99Ms: number) => ({
  client: { loopDelayP99Ms, loopDelayIdleP99Ms: 1, cpuMs: 300 },
})
const slow = (delay: number) => ({ server: { alter: heldBack(60), end: late(delay) } })

describe('a load generator that cannot keep up', () => {
  it('is likely where its event loop was late in most trials', () => {
    const found = lookedFor('client', { slow: slow(45), fast: {} })
    expect(found).toMatchObject({ outcome: 'found', certainty: 'likely' })
    expect(lookedFor('outside', { slow: slow(45), fast: {} })).toBeUndefined()
  })

  it('is possible where it was late in one trial', () => {
    const server = { alter: heldBack(60) }
    const once = { server, round: (round: number) => (round === 1 ? { end: late(45) } : {}) }
    expect(lookedFor('client', { slow: once, fast: {} })).toMatchObject({
      certainty: 'possible',
      totalMs: 0,
      within: ['outside'],
    })
    expect(lookedFor('outside', { slow: once, fast: {} })).toMatchObject({ certainty: 'proven' })
  })

  it('is ruled out where it was in time', () => {
    expect(codes(lookedFor('client', { slow: slow(4), fast: {} }))).toEqual(['client.small'])
  })

  it('could not be looked at where nobody watched it', () => {
    const slow = { server: { alter: heldBack(60), unwatched: true } }
    expect(lookedFor('client', { slow, fast: {} })).toMatchObject({
      outcome: 'unchecked',
      missing: [{ config: 'slow', fact: 'requests' }],
    })
  })
})
