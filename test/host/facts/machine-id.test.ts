import { describe, expect, it } from 'vitest'
import { machineId } from '../../../src/host/facts/machine-id.ts'
import { recordedTools } from '../recorded-machine.ts'

const machine = (id: string) =>
  recordedTools({ platform: 'linux', files: { '/etc/machine-id': `${id}\n` } })

describe('machineId', () => {
  it('tells two machines apart and does not hold what the system calls them', async () => {
    const name = '0123456789abcdef0123456789abcdef'
    const id = await machineId(machine(name))
    expect(id).toMatch(/^[0-9a-f]{12}$/)
    expect(name).not.toContain(id)
    expect(await machineId(machine(name.replace('0', 'f')))).not.toBe(id)
  })

  it('falls back to the hardware where the system has no name for the machine', async () => {
    const files = { '/proc/cpuinfo': 'model name : A\n', '/proc/meminfo': 'MemTotal: 1 kB\n' }
    const id = await machineId(recordedTools({ platform: 'linux', files }))
    const other = { ...files, '/proc/meminfo': 'MemTotal: 2 kB\n' }
    expect(await machineId(recordedTools({ platform: 'linux', files: other }))).not.toBe(id)
    expect(await machineId(recordedTools({ platform: 'linux', files }))).toBe(id)
  })
})
