/** The facts that exp reads about a machine, and the sources that they come from. */
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
  'powerMode',
  'memoryPressure',
  'thermalState',
  'gpu',
] as const
export type MachineFactId = (typeof machineFactIds)[number]
export type MachineFacts = Readonly<Partial<Record<MachineFactId, string | number | boolean>>>

/** A file or a command that provides facts. */
export interface MachineSource {
  readonly name: string
  /** The facts that `read` should return. */
  readonly facts: readonly MachineFactId[]
  /** True if the facts change while the machine runs. */
  readonly changing: boolean
  /** Why a fact is absent although the source was read. By default: because the source does not mention it. */
  readonly reasonIfMissing?: string
  read(tools: MachineTools): Promise<MachineFacts>
}

/** The facts that one source returned. */
export interface MachineReading {
  /** File or command: `/proc/meminfo`, `pmset -g batt`. */
  readonly source: string
  readonly facts: MachineFacts
  /** For each fact that this source should have provided but did not: the reason. */
  readonly missing: Readonly<Partial<Record<MachineFactId, string>>>
}

/** The first value of a fact in the readings; `undefined` if none has it. */
export function machineFact(
  readings: readonly MachineReading[],
  id: MachineFactId,
): string | number | boolean | undefined {
  return readings.find((reading) => reading.facts[id] !== undefined)?.facts[id]
}
