import { describe, expect, it } from 'vitest'
import { describeNextExperiment } from '../support/next-experiment.ts'
import { dockerFacts, evidenceCodes, inDocker, resultOf, slower } from '../support/pairs.ts'

const server = { pace: 2 }

describe('rule swap', () => {
  it('finds the cause likely if pages were read back while measuring', () => {
    const found = resultOf('swap', { slow: { server, after: { swapInPages: 5_000 } }, fast: {} })
    expect(found).toMatchObject({ outcome: 'found', certainty: 'likely', cost: 'unknown' })
  })

  it('rules the cause out for a few pages', () => {
    const found = resultOf('swap', { slow: { server, after: { swapInPages: 100 } }, fast: {} })
    expect(evidenceCodes(found)).toEqual(['swap.few'])
  })

  it('rules the cause out if the faster side read back as many pages', () => {
    const after = { swapInPages: 5_000 }
    const found = resultOf('swap', { slow: { server, after }, fast: { after } })
    expect(evidenceCodes(found)).toEqual(['swap.no-more'])
  })

  it('rules the cause out if no page was read back', () => {
    expect(evidenceCodes(resultOf('swap', { slow: { server }, fast: {} }))).toEqual(['swap.none'])
  })

  it('reports missing counters, also on another machine', () => {
    const missing = { outcome: 'unchecked', missing: [{ config: 'slow', fact: 'swapInPages' }] }
    const uncounted = { server, facts: { swapInPages: undefined } }
    expect(resultOf('swap', { slow: uncounted, fast: {} })).toMatchObject(missing)
    const url = { kind: 'url', url: 'http://10.0.0.7:11434', headers: {} } as const
    const away = { config: { target: url }, server, after: { swapInPages: 5_000 } }
    expect(resultOf('swap', { slow: away, fast: {} })).toMatchObject(missing)
  })

  it('reports missing counters inside the virtual machine of a Mac', () => {
    const facts = { ...dockerFacts, hostOs: 'macOS 15.6' }
    const slow = { config: inDocker, server, facts, after: { swapInPages: 5_000 } }
    expect(resultOf('swap', { slow, fast: {} })?.outcome).toBe('unchecked')
  })
})

describeNextExperiment('swap', {
  slow: { server: slower, after: { swapInPages: 5_000 } },
  fast: {},
})
