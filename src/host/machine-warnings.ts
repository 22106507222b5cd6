/** What about this machine, as it is now, would disturb a measurement. */
import { machineFact } from './machine.ts'
import type { MachineFactId, MachineReading } from './machine.ts'

export interface MachineWarning {
  /** A sentence for people. */
  readonly what: string
  /** What to do about it. */
  readonly fix: string
}

const gibibyte = 2 ** 30
/** Idle desktops stay below this share of their CPUs. */
const busyShare = 0.5
const scarceMemoryShare = 0.1
const scarceDiskBytes = 2 * gibibyte

/** @param freeDiskBytes where results are written; `undefined` where it is not known */
export function machineWarnings(
  readings: readonly MachineReading[],
  freeDiskBytes: number | undefined,
): readonly MachineWarning[] {
  const number = (id: MachineFactId) => {
    const value = machineFact(readings, id)
    return typeof value === 'number' ? value : undefined
  }
  const warnings: MachineWarning[] = []
  const warn = (what: string, fix: string) => warnings.push({ what, fix })

  const [load, cpus] = [number('loadAverage'), number('cpuCount')]
  if (load !== undefined && cpus !== undefined && load > cpus * busyShare)
    warn(
      `the machine is busy: a load of ${load.toFixed(1)} on ${cpus} CPUs`,
      'end what else computes, or wait until it is done',
    )
  const [free, memory] = [number('memoryFreeBytes'), number('memoryBytes')]
  if (free !== undefined && memory !== undefined && free < memory * scarceMemoryShare)
    warn(
      `memory is scarce: ${gib(free)} of ${gib(memory)} are free`,
      'close programs; a machine that swaps measures its disk',
    )
  if (machineFact(readings, 'powerSource') === 'battery')
    warn('the machine runs on battery, which slows many of them', 'plug it in')
  const thermal = machineFact(readings, 'thermalState')
  if (typeof thermal === 'string' && /_Limit|warning level/.test(thermal))
    warn(`the machine is slowed for heat: ${thermal}`, 'let it cool down')
  if (freeDiskBytes !== undefined && freeDiskBytes < scarceDiskBytes)
    warn(`the disk is nearly full: ${gib(freeDiskBytes)} are free`, 'make room for results')
  return warnings
}

function gib(bytes: number): string {
  return `${(bytes / gibibyte).toFixed(1)} GiB`
}
