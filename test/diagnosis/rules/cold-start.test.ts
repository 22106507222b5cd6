import { describe, expect, it } from 'vitest'
import { measuredConfig } from '../../report/support/analysis.ts'
import { describeNextExperiment } from '../support/next-experiment.ts'
import { evidenceCodes, resultOf } from '../support/pairs.ts'
import { waitsForLoad } from '../support/request-changes.ts'

const firstThree = waitsForLoad(4000, ({ index }) => index < 3)

describe('rule cold-start', () => {
  it('proves the cause if only the first requests wait and the log shows the load', () => {
    const slow = { server: { alter: firstThree }, after: { loadCount: 1 } }
    const found = resultOf('cold-start', { slow, fast: {} })
    expect(found).toMatchObject({
      outcome: 'found',
      certainty: 'proven',
      evidence: [{ values: { requests: { value: 18 } } }, { values: { loads: { value: 6 } } }, {}],
    })
    expect(evidenceCodes(found)).toEqual(['loads.waited', 'loads.logged', 'loads.others'])
  })

  it('finds the cause without a log if the wait is above a second', () => {
    const slow = { server: { alter: firstThree }, facts: { loadCount: undefined } }
    expect(resultOf('cold-start', { slow, fast: {} })).toMatchObject({ outcome: 'found' })
  })

  it('rules the cause out if the log shows no load, even if the first requests wait long', () => {
    const slow = { server: { alter: firstThree } }
    expect(evidenceCodes(resultOf('cold-start', { slow, fast: {} }))).toEqual(['loads.none'])
  })

  it('rules out half a second without a log, because loaded models take up to 150 ms, and longer on a busy machine', () => {
    const alter = waitsForLoad(500, ({ index }) => index < 3)
    const slow = { server: { alter }, facts: { loadCount: undefined } }
    expect(resultOf('cold-start', { slow, fast: {} })?.outcome).toBe('ruled-out')
  })

  it('rules the cause out if later requests wait too', () => {
    const alter = waitsForLoad(4000, ({ index }) => index < 3 || index % 20 === 0)
    const slow = { server: { alter }, after: { loadCount: 6 } }
    expect(evidenceCodes(resultOf('cold-start', { slow, fast: {} }))).toEqual([
      'loads.not-at-start',
    ])
  })

  it('rules the cause out if both sides start cold', () => {
    const side = { server: { alter: firstThree }, after: { loadCount: 1 } }
    const slow = { ...side, server: { alter: firstThree, decodeMs: 400, windowMs: 17_000 } }
    expect(evidenceCodes(resultOf('cold-start', { slow, fast: side }))).toContain('costs-nothing')
  })
})

describeNextExperiment('cold-start', {
  slow: {
    config: { workload: { ...measuredConfig('any').workload, warmupRequests: 0 } },
    server: { alter: waitsForLoad(4000, ({ index }) => index < 3) },
    after: { loadCount: 1 },
  },
  fast: {},
})
