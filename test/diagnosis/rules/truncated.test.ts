import { describe, expect, it } from 'vitest'
import { describeNextExperiment } from '../support/next-experiment.ts'
import { evidenceCodes, resultOf } from '../support/pairs.ts'
import { combined, slowPrefill, withFields } from '../support/request-changes.ts'

const whole = { server: { alter: combined(slowPrefill(5), withFields({ promptTokens: 4000 })) } }
const at = (promptTokens: number, contextLength = 4096) => ({
  server: { alter: withFields({ promptTokens }) },
  facts: { contextLength },
})

describe('rule truncated', () => {
  it('proves the cause by the log of the faster side', () => {
    const found = resultOf('truncated', { slow: whole, fast: { after: { truncatedPrompts: 7 } } })
    expect(found).toMatchObject({ outcome: 'found', certainty: 'proven', configs: ['fast'] })
    expect(evidenceCodes(found)).toEqual(['truncated.logged'])
  })

  it.each([2050, 2051, 4096])(
    'proves the cause by prompts of exactly %i tokens in a context of 4096',
    (length) => {
      expect(evidenceCodes(resultOf('truncated', { slow: whole, fast: at(length) }))).toEqual([
        'truncated.exact',
      ])
    },
  )

  it.each([2049, 2052, 4095])('rules the cause out for prompts of %i tokens', (length) => {
    expect(evidenceCodes(resultOf('truncated', { slow: whole, fast: at(length) }))).toEqual([
      'truncated.none',
    ])
  })

  it('does not name truncation on the slower side as a cause', () => {
    const slow = { server: { decodeMs: 500 }, after: { truncatedPrompts: 7 } }
    expect(resultOf('truncated', { slow, fast: {} })).toMatchObject({
      outcome: 'found',
      totalMs: 0,
    })
  })

  it('reports that the context is missing', () => {
    const fast = { facts: { contextLength: undefined } }
    expect(resultOf('truncated', { slow: whole, fast })).toMatchObject({
      outcome: 'unchecked',
      missing: [{ config: 'fast', fact: 'contextLength' }],
    })
  })
})

describeNextExperiment('truncated', {
  slow: { server: { alter: combined(slowPrefill(5), withFields({ promptTokens: 4000 })) } },
  fast: { after: { truncatedPrompts: 7 } },
})
