import { describe, expect, it } from 'vitest'
import { machineId } from '../../../src/host/facts/machine.ts'
import { recordedTools } from '../recorded-machine.ts'

const machine = (id: string) =>
  recordedTools({ platform: 'linux', files: { '/etc/machine-id': `${id}\n` } })

describe('machineId', () => {
  it('distinguishes two machines and does not contain the id that the system gives them', async () => {
    const systemId = '0123456789abcdef0123456789abcdef'
    const id = await machineId(machine(systemId))
    expect(id).toMatch(/^[0-9a-f]{12}$/)
    expect(systemId).not.toContain(id)
    expect(await machineId(machine(systemId.replace('0', 'f')))).not.toBe(id)
  })

  it('is derived from the hardware if the system has no id for the machine', async () => {
    const files = { '/proc/cpuinfo': 'model name : A\n', '/proc/meminfo': 'MemTotal: 1 kB\n' }
    const id = await machineId(recordedTools({ platform: 'linux', files }))
    const other = { ...files, '/proc/meminfo': 'MemTotal: 2 kB\n' }
    expect(await machineId(recordedTools({ platform: 'linux', files: other }))).not.toBe(id)
    expect(await machineId(recordedTools({ platform: 'linux', files }))).toBe(id)
  })
})
