import { describe, expect, it } from 'vitest'
import { diagnose } from '../../../src/diagnosis/diagnose.ts'
import type { Facts, RecordedConfig } from '../../../src/experiment/experiment.ts'
import { analysisOf } from '../../analysis/simulated-analysis.ts'
import { experimentOf, recordedConfig } from '../../report/support/analysis.ts'
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
      found?.outcome === 'found' && (found.maxMs.prefill ?? 0) + (found.maxMs.slowerTokens ?? 0),
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

  it('rules the cause out if the faster side has no GPU either', () => {
    const container = { ...dockerOnMac, server: { pace: 2 } }
    const host = { server: { pace: 2 }, facts: { ...macFacts, ...onCpu } }
    for (const fast of [container, host])
      expect(evidenceCodes(resultOf('mac-container', { slow: dockerOnMac, fast }))).toEqual([
        'device.alike',
      ])
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

describe('rule mac-container for documents', () => {
  const document = (label: string, latencyMs: number, values: Facts = {}) =>
    recordedConfig(label, {
      figures: [{ metric: 'latencyMean', value: latencyMs }],
      facts: { written: {}, values },
    })
  const resultFor = (slow: RecordedConfig, fast: RecordedConfig) => {
    const experiment = experimentOf([fast, slow], {
      baseline: fast.key,
      hardware: { device: 'MacBook Pro M1 Pro' },
    })
    const [explanation] = diagnose(experiment, analysisOf(experiment, {})).explanations
    const { findings = [], ruledOut = [] } = explanation ?? {}
    return [...findings, ...ruledOut].find(({ cause }) => cause === 'mac-container')
  }
  const native = document('native', 300)

  it('finds the cause by the name of the config, and cites the device that the document states', () => {
    const codes = (values?: Facts) =>
      resultFor(document('docker', 3000, values), native)?.evidence.map(({ code }) => code)
    expect(codes()).toEqual(['mac.declared'])
    expect(codes({ layersOffloaded: 0, layersTotal: 29 })).toEqual([
      'mac.declared',
      'device.layers',
    ])
  })

  it('rules the cause out if the document states a GPU, or if the faster side is a container, too', () => {
    const onGpu = document('docker', 3000, { layersOffloaded: 29, layersTotal: 29 })
    expect(resultFor(onGpu, native)).toMatchObject({ evidence: [{ code: 'device.layers' }] })
    expect(resultFor(onGpu, native)?.outcome).toBe('ruled-out')
    const result = resultFor(document('docker', 3000), document('docker, faster', 600))
    expect(result).toMatchObject({ outcome: 'ruled-out', evidence: [{ code: 'device.alike' }] })
  })
})

describeNextExperiment('mac-container', {
  slow: { config: inDocker, server: slower, facts: { ...dockerFacts, ...onCpu, ...macFacts } },
  fast: { facts: { ...macFacts, computeDevice: 'Metal' } },
})
