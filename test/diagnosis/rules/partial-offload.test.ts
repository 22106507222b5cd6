import { describe, expect, it } from 'vitest'
import { describeNextExperiment } from '../support/next-experiment.ts'
import { evidenceCodes, onCpu, resultOf, slower, unknownDevice } from '../support/pairs.ts'

describe('rule partial-offload', () => {
  const half = { layersOffloaded: 15, vramBytes: 500_000 }

  it('proves the cause by the layers, and names the larger context', () => {
    const config = { options: { num_ctx: 32_768 } }
    const slow = { config, server: slower, facts: { ...half, contextLength: 32_768 } }
    const found = resultOf('partial-offload', { slow, fast: {} })
    expect(found).toMatchObject({ outcome: 'found', certainty: 'proven' })
    expect(evidenceCodes(found)).toContain('device.larger-context')
  })

  it('shows no memory figure that contradicts the layers of the log', () => {
    const facts = { ...half, vramBytes: 1_000_000 }
    const codes = evidenceCodes(
      resultOf('partial-offload', { slow: { server: slower, facts }, fast: {} }),
    )
    expect(codes).toContain('device.layers')
    expect(codes).not.toContain('device.vram')
  })

  it('proves the cause by size_vram alone', () => {
    const facts = {
      ...half,
      layersOffloaded: undefined,
      layersTotal: undefined,
      computeDevice: undefined,
    }
    expect(
      resultOf('partial-offload', { slow: { server: slower, facts }, fast: {} })?.outcome,
    ).toBe('found')
  })

  it('rules the cause out if all layers are on the GPU', () => {
    expect(resultOf('partial-offload', { slow: { server: slower }, fast: {} })?.outcome).toBe(
      'ruled-out',
    )
  })

  it('rules the cause out if both sides are offloaded alike', () => {
    const pair = { slow: { server: slower, facts: half }, fast: { facts: half } }
    expect(evidenceCodes(resultOf('partial-offload', pair))).toEqual(['device.alike'])
  })

  it('rules the cause out if the faster side has nothing on a GPU', () => {
    const pair = { slow: { server: slower, facts: half }, fast: { facts: onCpu } }
    expect(evidenceCodes(resultOf('partial-offload', pair))).toEqual(['device.cpu'])
  })

  it('proves the cause if the faster side has more layers on its GPU', () => {
    const fast = { facts: { layersOffloaded: 28, vramBytes: 960_000 } }
    const found = resultOf('partial-offload', {
      slow: { server: slower, facts: half },
      fast,
    })
    expect(found).toMatchObject({ outcome: 'found', certainty: 'proven' })
  })

  it('reports missing facts if only the name of the device is known', () => {
    const facts = { ...unknownDevice, computeDevice: 'CUDA' }
    expect(resultOf('partial-offload', { slow: { server: slower, facts }, fast: {} })).toEqual({
      outcome: 'unchecked',
      cause: 'partial-offload',
      missing: [
        { config: 'slow', fact: 'layersOffloaded' },
        { config: 'slow', fact: 'vramBytes' },
      ],
    })
  })
})

describeNextExperiment('partial-offload', {
  slow: { server: slower, facts: { layersOffloaded: 15, vramBytes: 500_000 } },
  fast: {},
})
