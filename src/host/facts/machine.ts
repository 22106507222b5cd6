/**
 * Facts about this machine, and its id. Input: access to files and programs. Output: one reading per source, with its
 * facts and the reason for each fact that is missing. The parsers are pure and are tested on recorded
 * output, so that those for macOS are tested on Linux too.
 */
import { createHash } from 'node:crypto'
import type { MachineTools } from '../machine-tools.ts'
import { linuxSources } from './linux.ts'
import { macSources } from './mac.ts'
import {
  machineFact,
  type MachineFactId,
  type MachineReading,
  type MachineSource,
} from './machine-facts.ts'

/**
 * @param which `changing` reads only facts that change while the machine runs: the load, for example, but not the cores
 */
export async function readMachine(
  tools: MachineTools,
  which: 'all' | 'changing' = 'all',
): Promise<readonly MachineReading[]> {
  const sources = [...nodeSources, ...systemSources(tools.platform)]
  const selected = which === 'all' ? sources : sources.filter((source) => source.changing)
  return Promise.all(selected.map((source) => readSource(source, tools)))
}

async function readSource(source: MachineSource, tools: MachineTools): Promise<MachineReading> {
  const missing = (ids: readonly MachineFactId[], reason: string) =>
    Object.fromEntries(ids.map((id) => [id, reason]))
  try {
    const facts = await source.read(tools)
    const absent = source.facts.filter((id) => facts[id] === undefined)
    const reason = source.reasonIfMissing ?? `${source.name} does not say`
    return { source: source.name, facts, missing: missing(absent, reason) }
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    return { source: source.name, facts: {}, missing: missing(source.facts, reason) }
  }
}

function systemSources(platform: NodeJS.Platform): readonly MachineSource[] {
  if (platform === 'linux') return linuxSources
  if (platform === 'darwin') return macSources
  return []
}

const nodeSources: readonly MachineSource[] = [
  {
    name: 'node:os',
    facts: ['hostArchitecture', 'cpuCount'],
    changing: false,
    read: (tools) =>
      Promise.resolve({ hostArchitecture: tools.architecture, cpuCount: tools.cpuCount }),
  },
]

/**
 * Twelve hexadecimal digits that are the same in every run on one machine. They are a digest of the id that the system
 * gives the machine (/etc/machine-id, IOPlatformUUID), which cannot be recovered from it. If there is no such id, as in
 * many containers, they are a digest of the hardware; two machines of one model then have the same digits.
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
