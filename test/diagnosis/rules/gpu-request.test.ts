import { describe, expect, it } from 'vitest'
import { describeNextExperiment } from '../support/next-experiment.ts'
import {
  dockerFacts,
  dockerOnMac,
  evidenceCodes,
  inDocker,
  metal,
  onCpu,
  resultOf,
  slower,
  unknownDevice,
} from '../support/pairs.ts'

describe('rule gpu-request', () => {
  const facts = { ...dockerFacts, ...onCpu, gpu: 'NVIDIA GeForce RTX 4090 24564 MiB (driver 550)' }
  const slow = { config: inDocker, server: slower, facts }

  it('proves the cause by docker inspect on a host with a GPU', () => {
    const found = resultOf('gpu-request', { slow, fast: {} })
    expect(found).toMatchObject({ outcome: 'found', certainty: 'proven' })
    expect(evidenceCodes(found)).toContain('device.not-requested')
    expect(resultOf('cpu-only', { slow, fast: {} })).toBeUndefined()
  })

  it('rules the cause out if the container requests a GPU', () => {
    const asking = { ...slow, facts: { ...facts, containerDeviceRequests: '[{"Count":-1}]' } }
    expect(evidenceCodes(resultOf('gpu-request', { slow: asking, fast: {} }))).toEqual([
      'device.requested',
    ])
    expect(resultOf('cpu-only', { slow: asking, fast: {} })?.outcome).toBe('found')
  })

  it('rules the cause out if it computes on a GPU', () => {
    const onGpu = { ...slow, facts: { ...facts, computeDevice: 'CUDA', layersOffloaded: 29 } }
    expect(evidenceCodes(resultOf('gpu-request', { slow: onGpu, fast: {} }))).toEqual([
      'device.gpu',
    ])
  })

  it('does not apply without a container or on macOS', () => {
    const bare = { server: slower, facts: { ...onCpu, gpu: facts.gpu } }
    expect(resultOf('gpu-request', { slow: bare, fast: {} })).toBeUndefined()
    expect(resultOf('gpu-request', { slow: dockerOnMac, fast: metal })).toBeUndefined()
  })

  it.each([
    ['gpu', 'gpu', { gpu: undefined }],
    ['request', 'containerDeviceRequests', { containerDeviceRequests: undefined }],
    ['device', 'computeDevice', unknownDevice],
  ] as const)('reports the missing fact if %s is not known', (_, what, unknown) => {
    const blind = { ...slow, facts: { ...facts, ...unknown } }
    expect(resultOf('gpu-request', { slow: blind, fast: {} })).toMatchObject({
      outcome: 'unchecked',
      missing: [{ config: 'slow', fact: what }],
    })
  })
})

describeNextExperiment('gpu-request', {
  slow: { config: inDocker, server: slower, facts: { ...dockerFacts, ...onCpu, gpu: 'RTX' } },
  fast: {},
})
