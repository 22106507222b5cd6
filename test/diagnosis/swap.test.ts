import { describe, expect, it } from 'vitest'
import { codes, dockerFacts, inDocker, lookedFor } from './story.ts'

const server = { pace: 2 }

describe('swapping', () => {
  it('is likely where pages were read back while measuring', () => {
    const found = lookedFor('swap', { slow: { server, after: { swapInPages: 5_000 } }, fast: {} })
    expect(found).toMatchObject({ outcome: 'found', certainty: 'likely', share: 'unknown' })
  })

  it('is ruled out for a handful of pages', () => {
    const found = lookedFor('swap', { slow: { server, after: { swapInPages: 100 } }, fast: {} })
    expect(codes(found)).toEqual(['swap.few'])
  })

  it('is ruled out for none', () => {
    expect(codes(lookedFor('swap', { slow: { server }, fast: {} }))).toEqual(['swap.none'])
  })

  it('could not be looked at where nobody counted, or on another machine', () => {
    const missing = { outcome: 'unchecked', missing: [{ config: 'slow', fact: 'swapInPages' }] }
    const dark = { server, facts: { swapInPages: undefined } }
    expect(lookedFor('swap', { slow: dark, fast: {} })).toMatchObject(missing)
    const url = { kind: 'url', url: 'http://10.0.0.7:11434', headers: {} } as const
    const away = { config: { target: url }, server, after: { swapInPages: 5_000 } }
    expect(lookedFor('swap', { slow: away, fast: {} })).toMatchObject(missing)
  })

  it('could not be looked at inside the virtual machine of a Mac', () => {
    const facts = { ...dockerFacts, hostOs: 'macOS 15.6' }
    const slow = { config: inDocker, server, facts, after: { swapInPages: 5_000 } }
    expect(lookedFor('swap', { slow, fast: {} })?.outcome).toBe('unchecked')
  })
})
