import { describe, expect, it } from 'vitest'
import { both, slowPrefill, withFields } from './alter.ts'
import { codes, lookedFor } from './story.ts'

const whole = { server: { alter: both(slowPrefill(5), withFields({ promptTokens: 4000 })) } }
const at = (promptTokens: number, contextLength = 4096) => ({
  server: { alter: withFields({ promptTokens }) },
  facts: { contextLength },
})

describe('truncated prompts', () => {
  it('are proven by the log of the faster side', () => {
    const found = lookedFor('truncated', { slow: whole, fast: { after: { truncatedPrompts: 7 } } })
    expect(found).toMatchObject({ outcome: 'found', certainty: 'proven', configs: ['fast'] })
    expect(codes(found)).toEqual(['truncated.logged'])
  })

  it.each([2050, 2051, 4096])('are proven by prompts of exactly %i tokens in 4096', (length) => {
    expect(codes(lookedFor('truncated', { slow: whole, fast: at(length) }))).toEqual([
      'truncated.exact',
    ])
  })

  it.each([2049, 2052, 4095])('are ruled out at %i tokens', (length) => {
    expect(codes(lookedFor('truncated', { slow: whole, fast: at(length) }))).toEqual([
      'truncated.none',
    ])
  })

  it('do not make their own side the slower one', () => {
    const slow = { server: { decodeMs: 500 }, after: { truncatedPrompts: 7 } }
    expect(lookedFor('truncated', { slow, fast: {} })).toMatchObject({
      outcome: 'found',
      totalMs: 0,
    })
  })

  it('could not be looked at where the context is not known', () => {
    const fast = { facts: { contextLength: undefined } }
    expect(lookedFor('truncated', { slow: whole, fast })).toMatchObject({
      outcome: 'unchecked',
      missing: [{ config: 'fast', fact: 'contextLength' }],
    })
  })
})
