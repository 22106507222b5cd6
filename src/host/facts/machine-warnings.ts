/** What about this machine, as it is now, would disturb a measurement. */
import { gib } from '../gib.ts'
import { machineFact } from './machine.ts'
import type { MachineFactId, MachineReading } from './machine.ts'

export interface MachineWarning {
  readonly about: 'load' | 'memory' | 'power' | 'heat' | 'disk'
  /** A sentence for people. */
  readonly message: string
  /** What to do about it. */
  readonly fix: string
}

/** Idle desktops stay below this share of their CPUs. */
const busyShare = 0.5
const scarceMemoryShare = 0.1
const scarceDiskBytes = 2 * 2 ** 30

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
  const warn = (about: MachineWarning['about'], what: string, fix: string) =>
    warnings.push({ about, message: what, fix })

  const [load, cpus] = [number('loadAverage'), number('cpuCount')]
  if (load !== undefined && cpus !== undefined && load > cpus * busyShare)
    warn(
      'load',
      `the machine is busy: a load of ${load.toFixed(1)} on ${cpus} CPUs`,
      'end what else computes, or wait until it is done',
    )
  const [free, memory] = [number('memoryFreeBytes'), number('memoryBytes')]
  if (free !== undefined && memory !== undefined && free < memory * scarceMemoryShare)
    warn(
      'memory',
      `memory is scarce: ${gib(free)} of ${gib(memory)} are free`,
      'close programs; a machine that swaps measures its disk',
    )
  if (machineFact(readings, 'powerSource') === 'battery')
    warn('power', 'the machine runs on battery, which slows many of them', 'plug it in')
  const thermal = machineFact(readings, 'thermalState')
  if (typeof thermal === 'string' && /_Limit|warning level/.test(thermal))
    warn('heat', `the machine is slowed for heat: ${thermal}`, 'let it cool down')
  if (freeDiskBytes !== undefined && freeDiskBytes < scarceDiskBytes)
    warn('disk', `the disk is nearly full: ${gib(freeDiskBytes)} are free`, 'make room for results')
  return warnings
}
