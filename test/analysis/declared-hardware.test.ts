import { describe, expect, it } from 'vitest'
import type { Fact } from '../../src/analysis/trial-facts.ts'
import { contradictsMachine } from '../../src/analysis/declared-hardware.ts'
import type { FactId, FactValue } from '../../src/results/facts.ts'

type Facts = Partial<Record<FactId, FactValue>>
const contradicts = (hardware: Readonly<Record<string, string>>, seen: Facts) => {
  const facts = Object.entries(seen).map(
    ([id, value]) => [id as FactId, { values: [value], source: '' }] as const,
  )
  return contradictsMachine(hardware, { facts: new Map<FactId, Fact>(facts) })
}
const epyc = { cpuModel: 'AMD EPYC 7763 64-Core Processor', cpuCount: 4 }
const mac = { cpuModel: 'Apple M1 Pro', cpuCount: 8, memoryBytes: 32 * 2 ** 30 }
const xeon = { cpuModel: 'Intel(R) Xeon(R) CPU @ 2.20GHz', cpuCount: 16, memoryBytes: 31e9 }

describe('declared hardware', () => {
  it.each([
    [{ device: 'MacBook Pro M1 Pro' }, epyc],
    [{ device: 'MacBook Pro' }, epyc],
    [{ device: 'Dell R7525', cpu: 'AMD EPYC' }, xeon],
    [{ device: 'MacBook Pro M2' }, mac],
    [{ device: 'MacBook Pro M1 Max' }, mac],
    [{ cpu: '10核' }, mac],
    [{ cpu: '4-core' }, xeon],
    [{ cpu: '12' }, xeon],
    [{ memory: '16GB' }, mac],
    [{ memory: '64 GiB' }, xeon],
  ])('%j contradicts the detected %j', (hardware, facts) => {
    expect(contradicts(hardware, facts)).toBe(true)
  })

  it.each([
    [{ device: 'MacBook Pro M1 Pro', memory: '32GB', cpu: '8核' }, mac],
    [{ device: 'MacBook Pro M1' }, mac],
    [{ device: 'MacBook Pro 2019' }, { cpuModel: 'Intel(R) Core(TM) i9-9880H CPU' }],
    [{ device: 'our server', cpu: '8 cores', memory: '32GB' }, xeon],
    [{ device: 'Xeon, 16 cores' }, xeon],
    [{ device: 'MacBook Pro M1 Pro' }, {}],
    [
      { device: 'ThinkPad', os: 'Debian' },
      { ...xeon, cpuModel: 'unknown' },
    ],
    [{}, epyc],
  ])('%j does not contradict the detected %j', (hardware, facts) => {
    expect(contradicts(hardware, facts)).toBe(false)
  })
})
