import { describe, expect, it } from 'vitest'
import { both, heldBack, type Alter } from './alter.ts'
import { codes, lookedFor } from './story.ts'

/** All of an answer at its end. */
const atOnce: Alter = (request) => ({
  ...request,
  firstByteMs: request.endMs - 1,
  firstContentMs: request.endMs - 1,
})

describe('time outside the server', () => {
  it('is proven by what the server does not count', () => {
    const found = lookedFor('outside', { slow: { server: { alter: heldBack(120) } }, fast: {} })
    expect(found).toMatchObject({ outcome: 'found', certainty: 'proven', share: 'measured' })
    expect(codes(found)).toEqual(['outside.share', 'outside.seen'])
  })

  it('says where something on the way holds the stream back', () => {
    const slow = { server: { alter: both(heldBack(120), atOnce) } }
    expect(codes(lookedFor('outside', { slow, fast: {} }))).toContain('outside.buffered')
  })

  it('has a reservation under /api/generate', () => {
    const { workload } = measuredGenerate
    const slow = { config: { workload }, server: { alter: heldBack(120) } }
    expect(lookedFor('outside', { slow, fast: {} })).toMatchObject({
      reservations: [{ code: 'outside.generate' }],
    })
  })

  it('is ruled out below 20 ms', () => {
    const found = lookedFor('outside', { slow: { server: { alter: heldBack(15) } }, fast: {} })
    expect(codes(found)).toEqual(['outside.small'])
  })

  it('is ruled out below a twentieth of the latency', () => {
    const slow = { server: { decodeMs: 2000, windowMs: 40_000, alter: heldBack(60) } }
    expect(codes(lookedFor('outside', { slow, fast: {} }))).toEqual(['outside.small'])
  })
})

import { measuredConfig } from '../report/support/analysis.ts'
const measuredGenerate = {
  workload: { ...measuredConfig('any').workload, api: 'generate' as const },
}
