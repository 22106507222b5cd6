import { describe, expect, it } from 'vitest'
import { measuredConfig } from '../../report/support/analysis.ts'
import { describeNextExperiment } from '../support/next-experiment.ts'
import { evidenceCodes, resultOf } from '../support/pairs.ts'
import { combined, waitsForLoad, type RequestChange } from '../support/request-changes.ts'

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

  it.each([4000, 900, 500])('finds a load of %i ms without a log', (ms) => {
    const alter = waitsForLoad(ms, ({ index }) => index < 3)
    const slow = { server: { alter }, facts: { loadCount: undefined } }
    expect(resultOf('cold-start', { slow, fast: {} })).toMatchObject({ outcome: 'found' })
  })

  it('rules the cause out if the log shows no load, even if the first requests wait long', () => {
    const slow = { server: { alter: firstThree } }
    expect(evidenceCodes(resultOf('cold-start', { slow, fast: {} }))).toEqual(['loads.none'])
  })

  it('rules the cause out if the first requests report 200 ms of loading and there is no log, because loaded models report up to 150 ms', () => {
    const outcomeOf = (alter: RequestChange) =>
      resultOf('cold-start', {
        slow: { server: { alter }, facts: { loadCount: undefined } },
        fast: {},
      })?.outcome
    const first = ({ index }: { index: number }) => index < 3
    expect(outcomeOf(waitsForLoad(200, first))).toBe('ruled-out')
    const busy = waitsForLoad(120, () => true)
    expect(outcomeOf(combined(busy, waitsForLoad(400, first)))).toBe('ruled-out')
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

  it('rules the cause out if both sides start cold and the parts of the latency are unknown', () => {
    const side = { server: { alter: firstThree }, after: { loadCount: 1 } }
    // one request with an impossible total time makes the parts of its trial unusable
    const impossible: RequestChange = (request) =>
      request.index === 5 ? { ...request, serverTotalMs: 1 } : request
    const alter = combined(firstThree, impossible)
    const slow = { ...side, server: { alter, decodeMs: 400, windowMs: 17_000 } }
    expect(evidenceCodes(resultOf('cold-start', { slow, fast: side }))).toEqual(['loads.alike'])
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
