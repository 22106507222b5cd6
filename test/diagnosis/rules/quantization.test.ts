import { describe, expect, it } from 'vitest'
import { describeNextExperiment } from '../support/next-experiment.ts'
import { explanationOf, resultOf, slower } from '../support/pairs.ts'
import { describeUndeclaredDifference } from '../support/undeclared.ts'

describeUndeclaredDifference('quantization', {
  facts: { quantization: 'F16' },
  certainty: 'likely',
  declared: [[{ model: { name: 'qwen3:0.6b-fp16' } }, {}]],
})

describeNextExperiment('quantization', {
  slow: { server: slower, facts: { quantization: 'F16' } },
  fast: {},
})

describe('another quantisation', () => {
  const facts = { quantization: 'F16', modelDigest: 'b'.repeat(64) }
  const config = { accept: ['modelDigest', 'quantization'] as const }
  const pair = { slow: { config, server: slower, facts }, fast: {} }

  it('is named instead of the digest of the model, with its share of the difference', () => {
    expect(explanationOf(pair).findings.map(({ cause }) => cause)).toEqual(['quantization'])
    const { gap } = explanationOf(pair)
    const found = resultOf('quantization', pair)
    const { prefill = NaN, slowerTokens = NaN } = gap?.parts ?? {}
    expect(found).toMatchObject({ rank: 'critical', ms: { prefill, slowerTokens } })
    expect(resultOf('model', pair)).toBeUndefined()
  })

  it('has its share of the difference even if the file does not declare it', () => {
    const undeclared = { slow: { server: slower, facts }, fast: {} }
    expect(explanationOf(undeclared)).not.toHaveProperty('obstacle')
    const found = resultOf('quantization', undeclared)
    expect(found).toMatchObject({ outcome: 'found', rank: 'critical' })
    expect((found as { readonly totalMs?: number }).totalMs).toBeGreaterThan(100)
  })

  it('leaves the digest as the cause if the quantisation of a side is not known', () => {
    const unknown = {
      slow: { config, server: slower, facts: { ...facts, quantization: undefined } },
      fast: {},
    }
    expect(resultOf('model', unknown)).toMatchObject({ outcome: 'found', rank: 'critical' })
  })
})
