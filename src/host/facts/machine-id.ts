/** An id that distinguishes machines without revealing their names. */
import { createHash } from 'node:crypto'
import type { MachineTools } from '../machine-tools.ts'
import { machineFact } from './machine-facts.ts'
import { readMachine } from './machine.ts'

/**
 * Twelve hexadecimal digits, the same in every run on one machine: a digest of the id that the system gives the
 * machine (/etc/machine-id, IOPlatformUUID), from which that id cannot be recovered. If the system has no such id,
 * as in many containers, a digest of the hardware: two machines of one model then get the same id.
 */
export async function machineId(tools: MachineTools): Promise<string> {
  const systemId = tools.platform === 'darwin' ? await platformUuid(tools) : await linuxId(tools)
  return createHash('sha256')
    .update(`exp machine ${systemId ?? (await hardware(tools))}`)
    .digest('hex')
    .slice(0, 12)
}

async function linuxId(tools: MachineTools): Promise<string | undefined> {
  for (const path of ['/etc/machine-id', '/var/lib/dbus/machine-id']) {
    const id = (await tools.readText(path).catch(() => '')).trim()
    if (/^[0-9a-f]{32}$/.test(id)) return id
  }
  return undefined
}

async function platformUuid(tools: MachineTools): Promise<string | undefined> {
  const text = await tools.run('ioreg', ['-rd1', '-c', 'IOPlatformExpertDevice']).catch(() => '')
  return /"IOPlatformUUID" = "([0-9A-F-]{36})"/.exec(text)?.[1]
}

async function hardware(tools: MachineTools): Promise<string> {
  const readings = await readMachine(tools)
  const facts = ['hostArchitecture', 'cpuModel', 'cpuCount', 'memoryBytes'] as const
  return facts.map((id) => String(machineFact(readings, id))).join(' ')
}
