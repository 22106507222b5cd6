import { describe, expect, it } from 'vitest'
import { machineWarnings } from '../../../src/host/facts/machine-warnings.ts'
import type { MachineFacts } from '../../../src/host/facts/machine-facts.ts'

const warnings = (facts: MachineFacts, disk?: number) =>
  machineWarnings([{ source: 'test', facts, missing: {} }], disk).map(({ message }) => message)

describe('machineWarnings', () => {
  it('returns nothing for an idle machine, and for one without known facts', () => {
    expect(warnings({ loadAverage: 4, cpuCount: 8, powerSource: 'ac' }, 1e12)).toEqual([])
    expect(warnings({})).toEqual([])
  })

  it('warns of low-power mode and of memory pressure', () => {
    expect(warnings({ powerMode: 'low', memoryPressure: 'warning' })).toEqual([
      'the machine is in low-power mode, which makes it slower',
      'macOS reports memory pressure: warning',
    ])
    expect(warnings({ powerMode: 'automatic', memoryPressure: 'normal' })).toEqual([])
  })

  it('warns of a Mac that is throttled by heat, and of a disk that is nearly full', () => {
    expect(warnings({ thermalState: 'CPU_Speed_Limit 62 %' })).toEqual([
      'the machine is slowed down because it is hot: CPU_Speed_Limit 62 %',
    ])
    expect(warnings({ thermalState: '48 °C, slowed for heat 0 times since start' })).toEqual([])
    expect(warnings({}, 2 ** 30)).toEqual(['the disk is nearly full: 1.0 GiB are free'])
  })
})
