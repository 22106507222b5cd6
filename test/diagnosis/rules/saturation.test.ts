import { describe, expect, it } from 'vitest'
import { measuredConfig } from '../../report/support/analysis.ts'
import { describeNextExperiment } from '../support/next-experiment.ts'
import { evidenceCodes, resultOf } from '../support/pairs.ts'
import { delayedOnTheWay } from '../support/request-changes.ts'

const oneAtATime = { server: { slots: 1, users: 3 }, facts: { slots: 1 } }

describe('rule saturation', () => {
  it('finds the cause likely if parallel requests get slower and throughput does not rise', () => {
    // three times as slow, three at once; and a little slower on top, so that this is the slower side
    const slow = { server: { slots: 3, pace: 3.6 }, facts: { slots: 3 } }
    const found = resultOf('saturation', { slow, fast: oneAtATime })
    expect(found).toMatchObject({ outcome: 'found', certainty: 'likely' })
    expect(evidenceCodes(found)).toEqual([
      'saturation.running',
      'saturation.compute',
      'saturation.throughput',
    ])
  })

  it('rules the cause out if throughput rose', () => {
    const slow = { server: { slots: 3, pace: 2, users: 30 }, facts: { slots: 3 } }
    const fast = { server: { slots: 1, users: 3 }, facts: { slots: 1 } }
    expect(evidenceCodes(resultOf('saturation', { slow, fast }))).toEqual(['saturation.gained'])
  })

  it('rules the cause out if requests do not get slower', () => {
    const slow = {
      server: { slots: 3, users: 1, alter: delayedOnTheWay(900) },
      facts: { slots: 3 },
    }
    expect(evidenceCodes(resultOf('saturation', { slow, fast: oneAtATime }))).toEqual([
      'saturation.no-slower',
    ])
  })

  it('does not apply between different devices, or without more parallel requests', () => {
    const slow = { server: { pace: 3 } }
    expect(resultOf('saturation', { slow, fast: {} })).toBeUndefined()
    const other = { facts: { slots: 1, modelDigest: 'b'.repeat(64) }, server: { slots: 1 } }
    expect(resultOf('saturation', { slow: { server: { pace: 5 } }, fast: other })).toBeUndefined()
  })

  it('needs no number of slots if there is only one user, who never has two requests at once', () => {
    const facts = { slots: undefined, serverConfig: undefined }
    const { workload } = measuredConfig('any')
    const load = { kind: 'closed-requests', users: 1, requests: 9 } as const
    const one = { config: { workload: { ...workload, load } }, server: { users: 1 }, facts }
    expect(
      resultOf('saturation', { slow: { ...one, server: { users: 1, pace: 3 } }, fast: one }),
    ).toBeUndefined()
  })

  it('reports that the number of slots is missing', () => {
    const facts = { slots: undefined, serverConfig: undefined }
    const slow = { server: { pace: 3 }, facts }
    expect(resultOf('saturation', { slow, fast: {} })).toMatchObject({
      outcome: 'unchecked',
      missing: [{ config: 'slow', fact: 'slots' }],
    })
  })
})

describeNextExperiment('saturation', {
  slow: { server: { slots: 3, pace: 3.6 }, facts: { slots: 3 } },
  fast: { server: { slots: 1 }, facts: { slots: 1 } },
})
