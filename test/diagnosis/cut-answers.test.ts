import { describe, expect, it } from 'vitest'
import type { RequestRecord } from '../../src/results/record.ts'
import { without } from './alter.ts'
import { codes, lookedFor } from './story.ts'

const cut = (percent: number) => (request: RequestRecord) =>
  (request.index * 37) % 100 < percent ? { ...request, doneReason: 'length' } : request
const limit = (tokens: number) => ({ config: { options: { num_predict: tokens } } })
const long = { decodeMs: 600, outputTokens: 60 }

describe('answers that are cut off', () => {
  it('are proven on the faster side, with the limit that cuts them', () => {
    const found = lookedFor('cut-answers', {
      slow: { ...limit(256), server: long },
      fast: { ...limit(14), server: { alter: cut(90) } },
    })
    expect(found).toMatchObject({
      outcome: 'found',
      certainty: 'proven',
      configs: ['fast'],
      fixes: [{ settings: [{ name: 'num_predict', value: 256 }] }],
    })
    expect(codes(found)).toEqual(['cut.share', 'cut.limit', 'tokens.longer'])
  })

  it('are no cause where they are on the slower side', () => {
    const found = lookedFor('cut-answers', {
      slow: { ...limit(60), server: { ...long, alter: cut(90) } },
      fast: limit(256),
    })
    expect(codes(found)).toEqual(['cut.share'])
    expect(found?.outcome).toBe('ruled-out')
  })

  it('are no cause where the shares differ by no more than chance', () => {
    const found = lookedFor('cut-answers', {
      slow: { ...limit(64), server: { ...long, alter: cut(50) } },
      fast: { ...limit(64), server: { alter: cut(53) } },
    })
    expect(codes(found)).toEqual(['cut.alike'])
  })

  it('are cut at one limit too, where the other side stops by itself', () => {
    const slow = { ...limit(64), server: long }
    const fast = { ...limit(64), server: { alter: cut(40) } }
    expect(lookedFor('cut-answers', { slow, fast })).toMatchObject({
      outcome: 'found',
      configs: ['fast'],
    })
  })

  it('could not be looked at where a server does not say why answers end', () => {
    const fast = { ...limit(14), server: { alter: without('doneReason') } }
    expect(lookedFor('cut-answers', { slow: { server: long }, fast })).toMatchObject({
      outcome: 'unchecked',
      missing: [{ config: 'fast', fact: 'doneReason' }],
    })
  })

  it('are ruled out where there are none', () => {
    expect(codes(lookedFor('cut-answers', { slow: { server: long }, fast: {} }))).toEqual([
      'cut.none',
    ])
  })
})
