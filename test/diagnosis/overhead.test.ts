import { describe, expect, it } from 'vitest'
import { both, heldBack, waitsForLoad } from './alter.ts'
import { codes, diagnosed, lookedFor } from './story.ts'

const small = { prefillMs: 6, decodeMs: 14, outputTokens: 4 }
const overheadOf = (ms: number) => waitsForLoad(ms, () => true)

describe('fixed overhead', () => {
  it('is proven where lookup and the like are most of a short request', () => {
    const slow = { server: { ...small, alter: overheadOf(60) } }
    const found = lookedFor('overhead', { slow, fast: { server: small } })
    expect(found).toMatchObject({ outcome: 'found', certainty: 'proven', share: 'at-most' })
    expect(codes(found)).toEqual(['overhead.share', 'overhead.compute'])
  })

  it('is ruled out where computing is most of it', () => {
    const slow = { server: { alter: overheadOf(60) } }
    expect(codes(lookedFor('overhead', { slow, fast: {} }))).toEqual(['overhead.small'])
  })

  it('is none that waits for a slot or on the way', () => {
    const waiting = { server: { ...small, slots: 1 }, facts: { slots: 1 } }
    expect(codes(lookedFor('overhead', { slow: waiting, fast: { server: small } }))).toEqual([
      'overhead.small',
    ])
    const away = { server: { ...small, alter: both(heldBack(100)) } }
    expect(codes(lookedFor('overhead', { slow: away, fast: { server: small } }))).toEqual([
      'overhead.small',
    ])
  })

  it('costs nothing where both sides pay it', () => {
    const side = { server: { ...small, alter: overheadOf(60) } }
    const slow = { server: { ...small, decodeMs: 24, alter: overheadOf(60) } }
    expect(codes(lookedFor('overhead', { slow, fast: side }))).toContain('costs-nothing')
  })

  it('explains the latency of a config that is alone', () => {
    const { explanations } = diagnosed({
      slow: { server: { ...small, alter: overheadOf(60) } },
      fast: { server: { alter: (request) => ({ ...request, outcome: 'timeout' }) } },
    })
    expect(explanations).toHaveLength(1)
    expect(explanations[0]?.reference).toBeUndefined()
    expect(explanations[0]?.findings[0]).toMatchObject({ cause: 'overhead', rank: 'critical' })
  })
})
