import { describe, expect, it } from 'vitest'
import { describeNextExperiment } from '../support/next-experiment.ts'
import {
  diagnosisOf,
  dockerFacts,
  dockerOnMac,
  evidenceCodes,
  inDocker,
  macFacts,
  metal,
  onCpu,
  resultOf,
  slower,
  unknownDevice,
} from '../support/pairs.ts'

describe('rule mac-container', () => {
  it('explains the missing GPU instead of rule cpu-only, and says that the cost includes virtualisation', () => {
    const pair = { slow: dockerOnMac, fast: metal }
    expect(resultOf('mac-container', pair)).toMatchObject({
      outcome: 'found',
      certainty: 'proven',
      cost: 'at-most',
      reservations: [{ code: 'mac.not-separated' }],
    })
    expect(resultOf('cpu-only', pair)).toBeUndefined()
  })

  it('separates the GPU from virtualisation if a config uses only the CPU of the host', () => {
    const hostCpu = { server: { pace: 2 }, facts: { ...macFacts, ...onCpu } }
    const found = resultOf('mac-container', {
      slow: dockerOnMac,
      fast: metal,
      others: { hostCpu },
    })
    expect(found).toMatchObject({ cost: 'measured', reservations: [] })
    expect(evidenceCodes(found)).toContain('mac.separated')
    // twice the pace of 200 ms, not three times
    expect(
      found?.outcome === 'found' && (found.claims.prefill ?? 0) + (found.claims.slowerTokens ?? 0),
    ).toBeCloseTo(200, -2)
  })

  it('does not separate them by a config with another model', () => {
    const other = {
      server: { pace: 2 },
      facts: { ...macFacts, ...onCpu, modelDigest: 'b'.repeat(64) },
    }
    const found = resultOf('mac-container', { slow: dockerOnMac, fast: metal, others: { other } })
    expect(found).toMatchObject({ reservations: [{ code: 'mac.not-separated' }] })
  })

  it('rules the cause out if the container has a GPU, as in some virtual machines', () => {
    const facts = { ...dockerOnMac.facts, computeDevice: 'Vulkan', layersOffloaded: 29 }
    const found = resultOf('mac-container', { slow: { ...dockerOnMac, facts }, fast: metal })
    expect(evidenceCodes(found)).toEqual(['device.gpu'])
  })

  it('reports that the compute device is missing', () => {
    const slow = { ...dockerOnMac, facts: { ...dockerOnMac.facts, ...unknownDevice } }
    expect(resultOf('mac-container', { slow, fast: metal })).toMatchObject({
      outcome: 'unchecked',
      missing: [{ config: 'slow', fact: 'computeDevice' }],
    })
  })

  it('does not apply on Linux', () => {
    const slow = { config: inDocker, server: slower, facts: { ...dockerFacts, ...onCpu } }
    expect(resultOf('mac-container', { slow, fast: {} })).toBeUndefined()
  })

  it('ignores the hardware that the file declares if the config was measured', () => {
    const slow = { config: inDocker, server: slower, facts: { ...dockerFacts, ...onCpu } }
    const declared = { hardware: { device: 'MacBook Pro M1 Pro' } }
    expect(diagnosisOf({ slow, fast: {}, experiment: declared })).toEqual(
      diagnosisOf({ slow, fast: {} }),
    )
  })

  it('reports that the host system is missing', () => {
    const slow = { ...dockerOnMac, facts: { ...dockerOnMac.facts, hostOs: undefined } }
    expect(resultOf('mac-container', { slow, fast: metal })?.outcome).toBe('unchecked')
  })
})

describeNextExperiment('mac-container', {
  slow: { config: inDocker, server: slower, facts: { ...dockerFacts, ...onCpu, ...macFacts } },
  fast: { facts: { ...macFacts, computeDevice: 'Metal' } },
})
