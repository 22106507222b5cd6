import { describe, expect, it } from 'vitest'
import { measuredConfig } from '../../report/support/analysis.ts'
import type { RequestRecord } from '../../../src/results/record.ts'
import { describeNextExperiment } from '../support/next-experiment.ts'
import { evidenceCodes, resultOf } from '../support/pairs.ts'

const thinks = (share: number) => (request: RequestRecord) =>
  request.index % 25 < share / 4
    ? { ...request, firstThinkingMs: request.firstContentMs ?? 0 }
    : request
const long = { decodeMs: 800, outputTokens: 70 }

describe('rule thinking', () => {
  it('proves the cause by thinking text, and claims the additional tokens', () => {
    const found = resultOf('thinking', {
      slow: { server: { ...long, alter: thinks(100) } },
      fast: {},
    })
    expect(found).toMatchObject({ outcome: 'found', certainty: 'proven' })
    expect(found?.outcome === 'found' && found.maxMs.moreTokens).toBeGreaterThan(0)
    expect(evidenceCodes(found)).toEqual(['thinking.share', 'tokens.longer'])
  })

  it('explains longer answers, so that rule answer-length does not apply', () => {
    const pair = { slow: { server: { ...long, alter: thinks(100) } }, fast: {} }
    expect(resultOf('answer-length', pair)).toBeUndefined()
  })

  it('rules the cause out if both sides think', () => {
    const slow = { server: { ...long, alter: thinks(100) } }
    const fast = { server: { alter: thinks(100) } }
    expect(evidenceCodes(resultOf('thinking', { slow, fast }))).toEqual(['thinking.alike'])
  })

  it('rules the cause out if only a few more answers think', () => {
    const slow = { server: { ...long, windowMs: 30_000, alter: thinks(4) } }
    expect(resultOf('thinking', { slow, fast: {} })?.outcome).toBe('ruled-out')
  })

  const { workload } = measuredConfig('any')
  it.each([
    ['with think: false', { config: { workload: { ...workload, think: false } } }],
    ['by default, in a version that marks it', { facts: { serverVersion: '0.12.4' } }],
    ['in a version built from source', { facts: { serverVersion: '0.0.0' } }],
    ['with a model that cannot', { facts: { capabilities: '["completion","tools"]' } }],
  ])('rules the cause out if no answer thinks %s, even if answers are long', (_, side) => {
    const found = resultOf('thinking', { slow: { ...side, server: long }, fast: {} })
    expect(evidenceCodes(found)).toEqual(['thinking.none'])
  })

  it.each(['0.11.3', '0.12.3', undefined])(
    'reports that thinking marks are missing if think is not set and version %s may think in the text',
    (serverVersion) => {
      const slow = { server: long, facts: { serverVersion } }
      expect(resultOf('thinking', { slow, fast: {} })).toMatchObject({
        outcome: 'unchecked',
        missing: [{ config: 'slow', fact: 'inlineThinking' }],
      })
    },
  )
})

describeNextExperiment('thinking', {
  slow: { server: { ...long, alter: thinks(100) } },
  fast: {},
})
