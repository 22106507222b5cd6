import { describe, expect, it } from 'vitest'
import { measuredConfig } from '../../report/support/analysis.ts'
import { describeNextExperiment } from '../support/next-experiment.ts'
import { evidenceCodes, inDocker, resultOf } from '../support/pairs.ts'
import { combined, delayedOnTheWay, type RequestChange } from '../support/request-changes.ts'

/** Delivers the whole answer at its end. */
const atOnce: RequestChange = (request) => ({
  ...request,
  firstByteMs: request.endMs - 1,
  firstContentMs: request.endMs - 1,
})

describe('rule outside', () => {
  it('proves the cause by time that the server does not count', () => {
    const found = resultOf('outside', {
      slow: { server: { alter: delayedOnTheWay(120) } },
      fast: {},
    })
    expect(found).toMatchObject({ outcome: 'found', certainty: 'proven', cost: 'measured' })
    expect(evidenceCodes(found)).toEqual(['outside.share', 'outside.seen'])
  })

  it('says that the stream is buffered on the way', () => {
    const slow = { server: { alter: combined(delayedOnTheWay(120), atOnce) } }
    expect(evidenceCodes(resultOf('outside', { slow, fast: {} }))).toContain('outside.buffered')
  })

  it('mentions tokenising for /api/generate', () => {
    const { workload } = measuredGenerate
    const slow = { config: { workload }, server: { alter: delayedOnTheWay(120) } }
    expect(resultOf('outside', { slow, fast: {} })).toMatchObject({
      reservations: [{ code: 'outside.generate' }],
    })
  })

  it('rules the cause out if the time outside the server is below 20 ms', () => {
    const found = resultOf('outside', {
      slow: { server: { alter: delayedOnTheWay(15) } },
      fast: {},
    })
    expect(evidenceCodes(found)).toEqual(['outside.small'])
  })

  it('rules the cause out if the time outside the server is below a twentieth of the latency', () => {
    const slow = { server: { decodeMs: 2000, windowMs: 40_000, alter: delayedOnTheWay(60) } }
    expect(evidenceCodes(resultOf('outside', { slow, fast: {} }))).toEqual(['outside.small'])
  })
})

const measuredGenerate = {
  workload: { ...measuredConfig('any').workload, api: 'generate' as const },
}

const atUrl = { target: { kind: 'url', url: 'http://10.0.0.7:11434', headers: {} } } as const

describeNextExperiment('outside', {
  slow: { config: atUrl, server: { alter: delayedOnTheWay(120) } },
  fast: { config: inDocker },
})
