/**
 * Facts about this machine. What enters is a set of readers for files and programs, what leaves is one
 * reading a source: its facts, and for each fact that it should have told but did not, why. The parsers
 * are pure and are tested on recorded output, so that a Mac's are tested on Linux too.
 */
import { linuxSources } from './linux.ts'
import { macSources } from './mac.ts'
import type { MachineTools } from '../machine-tools.ts'

export const machineFactIds = [
  'hostOs',
  'hostArchitecture',
  'cpuModel',
  'cpuCount',
  'physicalCores',
  'performanceCores',
  'efficiencyCores',
  'memoryBytes',
  'memoryFreeBytes',
  'swapUsedBytes',
  'swapInPages',
  'loadAverage',
  'powerSource',
  'thermalState',
  'gpu',
] as const
export type MachineFactId = (typeof machineFactIds)[number]
export type MachineFacts = Readonly<Partial<Record<MachineFactId, string | number | boolean>>>

export interface MachineReading {
  /** File or command: `/proc/meminfo`, `pmset -g batt`. */
  readonly source: string
  readonly facts: MachineFacts
  /** Facts that this source should tell and did not, each with why. */
  readonly missing: Readonly<Partial<Record<MachineFactId, string>>>
}

export interface MachineSource {
  readonly name: string
  readonly facts: readonly MachineFactId[]
  /** Its facts change from minute to minute. */
  readonly changing: boolean
  /** Why a fact that `read` leaves out is not there; else: that the source does not say it. */
  readonly reasonIfMissing?: string
  read(tools: MachineTools): Promise<MachineFacts>
}

/** @param which `changing` leaves out what stays the same while the machine runs: model, cores, memory, GPU */
export async function readMachine(
  tools: MachineTools,
  which: 'all' | 'changing' = 'all',
): Promise<readonly MachineReading[]> {
  const sources = [...nodeSources, ...systemSources(tools.platform)]
  const wanted = which === 'all' ? sources : sources.filter((source) => source.changing)
  return Promise.all(wanted.map((source) => readSource(source, tools)))
}

async function readSource(source: MachineSource, tools: MachineTools): Promise<MachineReading> {
  const missing = (ids: readonly MachineFactId[], why: string) =>
    Object.fromEntries(ids.map((id) => [id, why]))
  try {
    const facts = await source.read(tools)
    const absent = source.facts.filter((id) => facts[id] === undefined)
    const why = source.reasonIfMissing ?? `${source.name} does not say`
    return { source: source.name, facts, missing: missing(absent, why) }
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    return { source: source.name, facts: {}, missing: missing(source.facts, why) }
  }
}

/** One value out of all readings; `undefined` where none of them has it. */
export function machineFact(
  readings: readonly MachineReading[],
  id: MachineFactId,
): string | number | boolean | undefined {
  return readings.find((reading) => reading.facts[id] !== undefined)?.facts[id]
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
