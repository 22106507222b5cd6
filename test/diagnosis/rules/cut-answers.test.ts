import { describe, expect, it } from 'vitest'
import type { RequestRecord } from '../../../src/results/record.ts'
import { describeNextExperiment } from '../support/next-experiment.ts'
import { evidenceCodes, resultOf } from '../support/pairs.ts'
import { withoutFields } from '../support/request-changes.ts'

const cut = (percent: number) => (request: RequestRecord) =>
  (request.index * 37) % 100 < percent ? { ...request, doneReason: 'length' } : request
const limit = (tokens: number) => ({ config: { options: { num_predict: tokens } } })
const long = { decodeMs: 600, outputTokens: 60 }

describe('rule cut-answers', () => {
  it('proves the cause on the faster side, with the limit', () => {
    const found = resultOf('cut-answers', {
      slow: { ...limit(256), server: long },
      fast: { ...limit(14), server: { alter: cut(90) } },
    })
    expect(found).toMatchObject({
      outcome: 'found',
      certainty: 'proven',
      configs: ['fast'],
      fixes: [{ settings: [{ name: 'num_predict', value: 256 }] }],
    })
    expect(evidenceCodes(found)).toEqual(['cut.share', 'cut.limit', 'tokens.longer'])
  })

  it('rules the cause out on the slower side', () => {
    const found = resultOf('cut-answers', {
      slow: { ...limit(60), server: { ...long, alter: cut(90) } },
      fast: limit(256),
    })
    expect(evidenceCodes(found)).toEqual(['cut.share'])
    expect(found?.outcome).toBe('ruled-out')
  })

  it('rules the cause out if shares differ by chance', () => {
    const found = resultOf('cut-answers', {
      slow: { ...limit(64), server: { ...long, alter: cut(50) } },
      fast: { ...limit(64), server: { alter: cut(53) } },
    })
    expect(evidenceCodes(found)).toEqual(['cut.alike'])
  })

  it('finds the cause for one limit if the other side stops by itself', () => {
    const slow = { ...limit(64), server: long }
    const fast = { ...limit(64), server: { alter: cut(40) } }
    expect(resultOf('cut-answers', { slow, fast })).toMatchObject({
      outcome: 'found',
      configs: ['fast'],
    })
  })

  it('reports that the reason why answers end is missing', () => {
    const fast = { ...limit(14), server: { alter: withoutFields('doneReason') } }
    expect(resultOf('cut-answers', { slow: { server: long }, fast })).toMatchObject({
      outcome: 'unchecked',
      missing: [{ config: 'fast', fact: 'doneReason' }],
    })
  })

  it('rules the cause out without cut answers', () => {
    expect(evidenceCodes(resultOf('cut-answers', { slow: { server: long }, fast: {} }))).toEqual([
      'cut.none',
    ])
  })
})

describeNextExperiment('cut-answers', {
  slow: { ...limit(256), server: long },
  fast: { ...limit(14), server: { alter: cut(100) } },
})
