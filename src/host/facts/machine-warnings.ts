/** Conditions of this machine that would disturb a measurement. */
import { gibibytes } from '../../format/number.ts'
import { machineFact } from './machine-facts.ts'
import type { MachineFactId, MachineReading } from './machine-facts.ts'

export interface MachineWarning {
  readonly about: 'load' | 'memory' | 'power' | 'heat' | 'disk'
  /** A sentence to show to the user. */
  readonly message: string
  /** What to do about it. */
  readonly fix: string
}

/** The load of an idle desktop stays below this share of its CPUs. */
const busyShare = 0.5
const minFreeMemoryShare = 0.1
const minFreeDiskBytes = 2 * 2 ** 30

/** @param freeDiskBytes free space on the disk that results are written to; `undefined` if unknown */
export function machineWarnings(
  readings: readonly MachineReading[],
  freeDiskBytes: number | undefined,
): readonly MachineWarning[] {
  const number = (id: MachineFactId) => {
    const value = machineFact(readings, id)
    return typeof value === 'number' ? value : undefined
  }
  const warnings: MachineWarning[] = []
  const warn = (about: MachineWarning['about'], message: string, fix: string) =>
    warnings.push({ about, message, fix })

  const [load, cpus] = [number('loadAverage'), number('cpuCount')]
  if (load !== undefined && cpus !== undefined && load > cpus * busyShare)
    warn(
      'load',
      `the machine is busy: a load of ${load.toFixed(1)} on ${cpus} CPUs`,
      'stop other programs that use the CPU, or wait until they finish',
    )
  const [free, memory] = [number('memoryFreeBytes'), number('memoryBytes')]
  if (free !== undefined && memory !== undefined && free < memory * minFreeMemoryShare)
    warn(
      'memory',
      `memory is low: ${gibibytes(free)} of ${gibibytes(memory)} are free`,
      'close programs; if the machine swaps, the disk distorts the measurement',
    )
  if (machineFact(readings, 'powerSource') === 'battery')
    warn('power', 'the machine runs on battery, which makes many machines slower', 'plug it in')
  if (machineFact(readings, 'powerMode') === 'low')
    warn(
      'power',
      'the machine is in low-power mode, which makes it slower',
      'turn it off: System Settings, Battery or Energy, Low Power Mode',
    )
  const pressure = machineFact(readings, 'memoryPressure')
  if (pressure === 'warning' || pressure === 'critical')
    warn(
      'memory',
      `macOS reports memory pressure: ${pressure}`,
      'close programs; macOS compresses memory or swaps, which distorts the measurement',
    )
  const thermal = machineFact(readings, 'thermalState')
  if (typeof thermal === 'string' && /_Limit|warning level|pressure/.test(thermal))
    warn('heat', `the machine is slowed down because it is hot: ${thermal}`, 'let it cool down')
  if (freeDiskBytes !== undefined && freeDiskBytes < minFreeDiskBytes)
    warn(
      'disk',
      `the disk is nearly full: ${gibibytes(freeDiskBytes)} are free`,
      'make room for results',
    )
  return warnings
}
