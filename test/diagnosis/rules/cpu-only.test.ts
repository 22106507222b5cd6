import { describe, expect, it } from 'vitest'
import { describeNextExperiment } from '../support/next-experiment.ts'
import { evidenceCodes, onCpu, resultOf, slower, unknownDevice } from '../support/pairs.ts'

describe('rule cpu-only', () => {
  it('proves the cause by the log, the layers and size_vram', () => {
    const found = resultOf('cpu-only', { slow: { server: slower, facts: onCpu }, fast: {} })
    expect(found).toMatchObject({ outcome: 'found', certainty: 'proven', cost: 'at-most' })
    expect(evidenceCodes(found).slice(0, 3)).toEqual([
      'device.cpu',
      'device.layers',
      'device.no-vram',
    ])
  })

  it('rules the cause out if both sides compute on a CPU', () => {
    const pair = { slow: { server: slower, facts: onCpu }, fast: { facts: onCpu } }
    expect(evidenceCodes(resultOf('cpu-only', pair))).toEqual(['device.alike'])
  })

  it('rules the cause out if the slower side has the GPU', () => {
    const pair = { slow: { server: slower }, fast: { facts: onCpu } }
    expect(resultOf('cpu-only', pair)?.outcome).toBe('ruled-out')
  })

  it('rules the cause out if the CPU is as fast as the GPU', () => {
    const pair = { slow: { server: { slots: 1 }, facts: { ...onCpu, slots: 1 } }, fast: {} }
    expect(evidenceCodes(resultOf('cpu-only', pair))).toContain('costs-nothing')
  })

  it('trusts the log if /api/ps claims that everything is on the GPU', () => {
    const facts = { computeDevice: 'CPU', layersOffloaded: undefined, layersTotal: undefined }
    expect(resultOf('cpu-only', { slow: { server: slower, facts }, fast: {} })?.outcome).toBe(
      'found',
    )
  })

  it('reports the missing facts without evidence of the device', () => {
    expect(
      resultOf('cpu-only', { slow: { server: slower, facts: unknownDevice }, fast: {} }),
    ).toMatchObject({
      outcome: 'unchecked',
      missing: [{ fact: 'computeDevice' }, { fact: 'vramBytes' }],
    })
    const blind = { slow: { server: slower, facts: onCpu }, fast: { facts: unknownDevice } }
    expect(resultOf('cpu-only', blind)).toMatchObject({
      outcome: 'unchecked',
      missing: [{ config: 'fast' }, { config: 'fast' }],
    })
  })
})

describeNextExperiment('cpu-only', { slow: { server: slower, facts: onCpu }, fast: {} })
