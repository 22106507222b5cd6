/** An id that tells machines apart without naming them. */
import { createHash } from 'node:crypto'
import { machineFact, readMachine } from './machine.ts'
import type { MachineTools } from '../machine-tools.ts'

/**
 * Twelve hexadecimal digits, the same on every run on one machine: a digest of what the system calls the
 * machine (/etc/machine-id, IOPlatformUUID), which cannot be read back from it. Where the system has no
 * such name, as in many a container, a digest of the hardware: two machines of one build are then alike.
 */
export async function machineId(tools: MachineTools): Promise<string> {
  const name = tools.platform === 'darwin' ? await platformUuid(tools) : await linuxId(tools)
  return createHash('sha256')
    .update(`exp machine ${name ?? (await hardware(tools))}`)
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
