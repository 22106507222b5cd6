import { describe, expect, it } from 'vitest'
import type { RequestRecord } from '../../src/results/record.ts'
import { measuredConfig } from '../report/support/analysis.ts'
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
    expect(found).toMatchObject({ outcome: 'found', certainty: 'proven' })
    expect(found?.outcome === 'found' && found.claims.moreTokens).toBeGreaterThan(0)
    expect(codes(found)).toEqual(['thinking.share', 'tokens.longer'])
  })

  it('says why answers are longer, so that their length is no cause of its own', () => {
    const pair = { slow: { server: { ...long, alter: thinks(100) } }, fast: {} }
    expect(lookedFor('answer-length', pair)).toBeUndefined()
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

  const { workload } = measuredConfig('any')
  it.each([
    ['with think: false', { config: { workload: { ...workload, think: false } } }],
    ['by default, in a version that marks it', { facts: { serverVersion: '0.12.4' } }],
    ['in a version built from source', { facts: { serverVersion: '0.0.0' } }],
    ['with a model that cannot', { facts: { capabilities: '["completion","tools"]' } }],
  ])('is ruled out where nobody thinks %s, however long the answers', (_, side) => {
    const found = lookedFor('thinking', { slow: { ...side, server: long }, fast: {} })
    expect(codes(found)).toEqual(['thinking.none'])
  })

  it.each(['0.11.3', '0.12.3', undefined])(
    'could not be looked at where think is not set and version %s may do it in the text',
    (serverVersion) => {
      const slow = { server: long, facts: { serverVersion } }
      expect(lookedFor('thinking', { slow, fast: {} })).toMatchObject({
        outcome: 'unchecked',
        missing: [{ config: 'slow', fact: 'inlineThinking' }],
      })
    },
  )
})
