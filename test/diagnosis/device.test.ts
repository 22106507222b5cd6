import { describe, expect, it } from 'vitest'
import { codes, dockerFacts, inDocker, lookedFor, onCpu } from './story.ts'

const slower = { pace: 3 }
/** Nothing tells what computes. */
const dark = {
  computeDevice: undefined,
  layersOffloaded: undefined,
  layersTotal: undefined,
  vramBytes: undefined,
}
const mac = { hostOs: 'macOS 15.6 (24G84)', hostArchitecture: 'arm64' }
const dockerOnMac = {
  config: inDocker,
  server: slower,
  facts: {
    ...dockerFacts,
    ...onCpu,
    ...mac,
    containerArchitecture: 'arm64',
    engineHost: 'Docker Desktop',
  },
}
const metal = { facts: { ...mac, computeDevice: 'Metal' } }

describe('a CPU on one side and a GPU on the other', () => {
  it('is proven by the log, the layers and size_vram', () => {
    const found = lookedFor('cpu-only', { slow: { server: slower, facts: onCpu }, fast: {} })
    expect(found).toMatchObject({ outcome: 'found', certainty: 'proven', share: 'at-most' })
    expect(codes(found).slice(0, 3)).toEqual(['device.cpu', 'device.layers', 'device.no-vram'])
  })

  it('is ruled out where both are CPUs', () => {
    const pair = { slow: { server: slower, facts: onCpu }, fast: { facts: onCpu } }
    expect(codes(lookedFor('cpu-only', pair))).toEqual(['device.alike'])
  })

  it('is ruled out where the slower one has the GPU', () => {
    const pair = { slow: { server: slower }, fast: { facts: onCpu } }
    expect(lookedFor('cpu-only', pair)?.outcome).toBe('ruled-out')
  })

  it('costs nothing where computing is as fast', () => {
    const pair = { slow: { server: { slots: 1 }, facts: { ...onCpu, slots: 1 } }, fast: {} }
    expect(codes(lookedFor('cpu-only', pair))).toContain('costs-nothing')
  })

  it('believes the log where /api/ps claims that all is on the GPU', () => {
    const facts = { computeDevice: 'CPU', layersOffloaded: undefined, layersTotal: undefined }
    expect(lookedFor('cpu-only', { slow: { server: slower, facts }, fast: {} })?.outcome).toBe(
      'found',
    )
  })

  it('could not be looked at where nothing tells', () => {
    expect(
      lookedFor('cpu-only', { slow: { server: slower, facts: dark }, fast: {} }),
    ).toMatchObject({
      outcome: 'unchecked',
      missing: [{ fact: 'computeDevice' }, { fact: 'vramBytes' }],
    })
    const blind = { slow: { server: slower, facts: onCpu }, fast: { facts: dark } }
    expect(lookedFor('cpu-only', blind)).toMatchObject({
      outcome: 'unchecked',
      missing: [{ config: 'fast' }, { config: 'fast' }],
    })
  })
})

describe('a container on macOS', () => {
  it('has no GPU, which is told in place of a CPU alone; virtualisation is not told apart', () => {
    const pair = { slow: dockerOnMac, fast: metal }
    expect(lookedFor('mac-container', pair)).toMatchObject({
      outcome: 'found',
      certainty: 'proven',
      share: 'at-most',
      reservations: [{ code: 'mac.not-separated' }],
    })
    expect(lookedFor('cpu-only', pair)).toBeUndefined()
  })

  it('is told apart from virtualisation by a config on the CPU of the host', () => {
    const hostCpu = { server: { pace: 2 }, facts: { ...mac, ...onCpu } }
    const found = lookedFor('mac-container', {
      slow: dockerOnMac,
      fast: metal,
      others: { hostCpu },
    })
    expect(found).toMatchObject({ share: 'measured', reservations: [] })
    expect(codes(found)).toContain('mac.separated')
    // twice the pace of 200 ms, not three times
    expect(
      found?.outcome === 'found' && (found.claims.prefill ?? 0) + (found.claims.slowerTokens ?? 0),
    ).toBeCloseTo(200, -2)
  })

  it('is not told apart by a config that computes something else', () => {
    const other = { server: { pace: 2 }, facts: { ...mac, ...onCpu, modelDigest: 'b'.repeat(64) } }
    const found = lookedFor('mac-container', { slow: dockerOnMac, fast: metal, others: { other } })
    expect(found).toMatchObject({ reservations: [{ code: 'mac.not-separated' }] })
  })

  it('is ruled out where it has a GPU all the same, as some virtual machines do', () => {
    const facts = { ...dockerOnMac.facts, computeDevice: 'Vulkan', layersOffloaded: 29 }
    const found = lookedFor('mac-container', { slow: { ...dockerOnMac, facts }, fast: metal })
    expect(codes(found)).toEqual(['device.gpu'])
  })

  it('could not be looked at where nothing tells what computes', () => {
    const slow = { ...dockerOnMac, facts: { ...dockerOnMac.facts, ...dark } }
    expect(lookedFor('mac-container', { slow, fast: metal })).toMatchObject({
      outcome: 'unchecked',
      missing: [{ config: 'slow', fact: 'computeDevice' }],
    })
  })

  it('is nothing of the kind on Linux', () => {
    const slow = { config: inDocker, server: slower, facts: { ...dockerFacts, ...onCpu } }
    expect(lookedFor('mac-container', { slow, fast: {} })).toBeUndefined()
  })

  it('could not be looked at where the host is not known', () => {
    const slow = { ...dockerOnMac, facts: { ...dockerOnMac.facts, hostOs: undefined } }
    expect(lookedFor('mac-container', { slow, fast: metal })?.outcome).toBe('unchecked')
  })
})

describe('a container that asks for no GPU', () => {
  const facts = { ...dockerFacts, ...onCpu, gpu: 'NVIDIA GeForce RTX 4090 24564 MiB (driver 550)' }
  const slow = { config: inDocker, server: slower, facts }

  it('is proven by docker inspect, on a host that has one', () => {
    const found = lookedFor('gpu-request', { slow, fast: {} })
    expect(found).toMatchObject({ outcome: 'found', certainty: 'proven' })
    expect(codes(found)).toContain('device.not-requested')
    expect(lookedFor('cpu-only', { slow, fast: {} })).toBeUndefined()
  })

  it('is ruled out where it asks', () => {
    const asking = { ...slow, facts: { ...facts, containerDeviceRequests: '[{"Count":-1}]' } }
    expect(codes(lookedFor('gpu-request', { slow: asking, fast: {} }))).toEqual([
      'device.requested',
    ])
    expect(lookedFor('cpu-only', { slow: asking, fast: {} })?.outcome).toBe('found')
  })

  it('is ruled out where it computes on a GPU', () => {
    const onGpu = { ...slow, facts: { ...facts, computeDevice: 'CUDA', layersOffloaded: 29 } }
    expect(codes(lookedFor('gpu-request', { slow: onGpu, fast: {} }))).toEqual(['device.gpu'])
  })

  it('is not meant without a container, or where macOS has none to give', () => {
    const bare = { server: slower, facts: { ...onCpu, gpu: facts.gpu } }
    expect(lookedFor('gpu-request', { slow: bare, fast: {} })).toBeUndefined()
    expect(lookedFor('gpu-request', { slow: dockerOnMac, fast: metal })).toBeUndefined()
  })

  it.each([
    ['gpu', 'gpu', { gpu: undefined }],
    ['request', 'containerDeviceRequests', { containerDeviceRequests: undefined }],
    ['device', 'computeDevice', dark],
  ] as const)('could not be looked at where the %s is not known', (_, what, unknown) => {
    const blind = { ...slow, facts: { ...facts, ...unknown } }
    expect(lookedFor('gpu-request', { slow: blind, fast: {} })).toMatchObject({
      outcome: 'unchecked',
      missing: [{ config: 'slow', fact: what }],
    })
  })
})

describe('partial offload', () => {
  const half = { layersOffloaded: 15, vramBytes: 500_000 }

  it('is proven by the layers, and names the context that is larger', () => {
    const slow = { server: slower, facts: { ...half, contextLength: 32_768 } }
    const found = lookedFor('partial-offload', { slow, fast: {} })
    expect(found).toMatchObject({ outcome: 'found', certainty: 'proven' })
    expect(codes(found)).toContain('device.larger-context')
  })

  it('is proven by size_vram alone', () => {
    const facts = {
      ...half,
      layersOffloaded: undefined,
      layersTotal: undefined,
      computeDevice: undefined,
    }
    expect(
      lookedFor('partial-offload', { slow: { server: slower, facts }, fast: {} })?.outcome,
    ).toBe('found')
  })

  it('is ruled out where all layers are on the GPU', () => {
    expect(lookedFor('partial-offload', { slow: { server: slower }, fast: {} })?.outcome).toBe(
      'ruled-out',
    )
  })

  it('is ruled out where both sides are', () => {
    const pair = { slow: { server: slower, facts: half }, fast: { facts: half } }
    expect(codes(lookedFor('partial-offload', pair))).toEqual(['device.alike'])
  })

  it('is proven where the faster side has more on its GPU, if not all', () => {
    const fast = { facts: { layersOffloaded: 28, vramBytes: 960_000 } }
    const found = lookedFor('partial-offload', {
      slow: { server: slower, facts: half },
      fast,
    })
    expect(found).toMatchObject({ outcome: 'found', certainty: 'proven' })
  })

  it('could not be looked at where only the name of the device is known', () => {
    const facts = { ...dark, computeDevice: 'CUDA' }
    expect(lookedFor('partial-offload', { slow: { server: slower, facts }, fast: {} })).toEqual({
      outcome: 'unchecked',
      cause: 'partial-offload',
      missing: [
        { config: 'slow', fact: 'layersOffloaded' },
        { config: 'slow', fact: 'vramBytes' },
      ],
    })
  })
})

describe('an emulated architecture', () => {
  const arm = { hostArchitecture: 'arm64' }

  it('is proven where the image is of another than the host', () => {
    const slow = { config: inDocker, server: slower, facts: { ...dockerFacts, ...arm } }
    expect(lookedFor('emulation', { slow, fast: {} })).toMatchObject({
      outcome: 'found',
      fixes: [{ settings: [{ name: 'platform', value: 'linux/arm64' }] }],
    })
  })

  it('is ruled out where they are alike, whatever each calls it', () => {
    const slow = { config: inDocker, server: slower, facts: dockerFacts }
    expect(codes(lookedFor('emulation', { slow, fast: {} }))).toEqual(['emulation.alike'])
  })

  it.each(['containerArchitecture', 'hostArchitecture'] as const)(
    'could not be looked at where the %s is not known',
    (what) => {
      const facts = { ...dockerFacts, [what]: undefined }
      const slow = { config: inDocker, server: slower, facts }
      expect(lookedFor('emulation', { slow, fast: {} })).toMatchObject({
        outcome: 'unchecked',
        missing: [{ config: 'slow', fact: what }],
      })
    },
  )

  it('is not meant without a container', () => {
    expect(lookedFor('emulation', { slow: { server: slower }, fast: {} })).toBeUndefined()
  })
})
