/** Reads the machine's own reports of being slowed down during a trial. */
import type { Evidence } from '../results/record.ts'

/** A field is absent if the machine does not report it. */
export interface MachineSlowdown {
  /** A state in which a Mac is slowed down for heat, as macOS names it. */
  readonly heat?: string
  /** The number of times that Linux slowed a core for heat during the trial. */
  readonly timesSlowed?: number
  readonly lowPower?: true
  readonly battery?: true
  /** `warning` or `critical`. */
  readonly memoryPressure?: string
}

/** The states in which `readMachine` finds a Mac that is slowed down for heat. */
const hotMac = /thermal pressure|_Limit|warning level/

/** How `readMachine` reports slowed cores on Linux, counted from the start of the machine. */
const throttleCount = /slowed for heat (\d+) times/

/** @param evidence of one trial, in the order of time */
export function machineSlowdown(evidence: readonly Pick<Evidence, 'facts'>[]): MachineSlowdown {
  const texts = (id: 'thermalState' | 'powerSource' | 'powerMode' | 'memoryPressure') =>
    evidence.flatMap(({ facts }) => (typeof facts[id] === 'string' ? [facts[id]] : []))
  const thermal = texts('thermalState')
  const heat = thermal.findLast((state) => hotMac.test(state))
  const counts = thermal.flatMap((state) => throttleCount.exec(state)?.[1] ?? []).map(Number)
  const timesSlowed = (counts.at(-1) ?? 0) - (counts[0] ?? 0)
  const pressures = texts('memoryPressure')
  const memoryPressure = ['critical', 'warning'].find((level) => pressures.includes(level))
  return {
    ...(heat !== undefined && { heat }),
    ...(timesSlowed > 0 && { timesSlowed }),
    ...(texts('powerMode').includes('low') && { lowPower: true }),
    ...(texts('powerSource').includes('battery') && { battery: true }),
    ...(memoryPressure !== undefined && { memoryPressure }),
  }
}
