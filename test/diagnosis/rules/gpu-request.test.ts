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
  type Side,
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

  it('rules the cause out if the host has no GPU', () => {
    const withoutGpu = { ...slow, facts: { ...facts, gpu: 'none' } }
    expect(evidenceCodes(resultOf('gpu-request', { slow: withoutGpu, fast: {} }))).toEqual([
      'device.no-host-gpu',
    ])
  })

  it('rules the cause out if a server without a container on the same host finds no GPU', () => {
    const unknown = { ...slow, facts: { ...facts, gpu: undefined } }
    const native: Side = { facts: onCpu }
    const result = resultOf('gpu-request', { slow: unknown, fast: native })
    expect(result).toMatchObject({
      outcome: 'ruled-out',
      evidence: [{ code: 'device.cpu', values: { config: { config: 'fast' } } }],
    })
    for (const other of [
      { ...native, config: { env: { CUDA_VISIBLE_DEVICES: '' } } },
      { ...native, config: { target: { kind: 'url', url: 'http://10.0.0.7', headers: {} } } },
      { ...native, server: { header: { host: { id: 'another' } } } },
    ] as const)
      expect(resultOf('gpu-request', { slow: unknown, fast: other })?.outcome).toBe('unchecked')
  })

  it('rules the cause out if the faster side has no GPU either', () => {
    const fast = { ...slow, server: { pace: 2 } }
    expect(evidenceCodes(resultOf('gpu-request', { slow, fast }))).toEqual(['device.alike'])
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
