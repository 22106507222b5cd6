import { describe, expect, it } from 'vitest'
import type { RequestRecord } from '../../src/results/record.ts'
import { codes, lookedFor } from './story.ts'

const thinks = (share: number) => (request: RequestRecord) =>
  request.index % 25 < share / 4
    ? { ...request, firstThinkingMs: request.firstContentMs ?? 0 }
    : request
const long = { decodeMs: 800, outputTokens: 70 }

describe('thinking on one side', () => {
  it('is proven by its text, and costs the tokens', () => {
    const found = lookedFor('thinking', {
      slow: { server: { ...long, alter: thinks(100) } },
      fast: {},
    })
    expect(found).toMatchObject({ outcome: 'found', sureness: 'proven' })
    expect(found?.outcome === 'found' && found.claims.moreTokens).toBeGreaterThan(0)
    expect(codes(found)).toEqual(['thinking.share', 'tokens.longer'])
  })

  it('takes the tokens before mere length does', () => {
    const pair = { slow: { server: { ...long, alter: thinks(100) } }, fast: {} }
    expect(lookedFor('answer-length', pair)).toMatchObject({ totalMs: 0, within: ['thinking'] })
  })

  it('is ruled out where both sides think', () => {
    const slow = { server: { ...long, alter: thinks(100) } }
    const fast = { server: { alter: thinks(100) } }
    expect(codes(lookedFor('thinking', { slow, fast }))).toEqual(['thinking.alike'])
  })

  it('is ruled out where a few answers more think', () => {
    const slow = { server: { ...long, windowMs: 30_000, alter: thinks(4) } }
    expect(lookedFor('thinking', { slow, fast: {} })?.outcome).toBe('ruled-out')
  })

  it('is ruled out where nobody thinks, however long the answers', () => {
    expect(codes(lookedFor('thinking', { slow: { server: long }, fast: {} }))).toEqual([
      'thinking.none',
    ])
  })
})
