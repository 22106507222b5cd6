/** Audits whether the machine reports that it was slowed down. */
import type { StoredTrial } from '../../results/store.ts'
import { machineSlowdown } from '../machine-slowdown.ts'
import type { Audit } from './audit.ts'

/**
 * Fails for heat, low-power mode and critical memory pressure. Warns on battery and under moderate memory pressure,
 * because only some machines are then slower. `undefined` if the machine reports none of these; many machines cannot.
 */
export function slowMachine({ evidence }: Pick<StoredTrial, 'evidence'>): Audit | undefined {
  const { heat, timesSlowed, lowPower, battery, memoryPressure } = machineSlowdown(evidence)
  const numbers = {
    ...(heat !== undefined && { heat }),
    ...(timesSlowed !== undefined && { timesSlowed }),
    ...(lowPower && { lowPower: 'low' }),
    ...(battery && { battery: 'battery' }),
    ...(memoryPressure !== undefined && { memoryPressure }),
  }
  if (Object.keys(numbers).length === 0) return undefined
  const isSlow = [heat, timesSlowed, lowPower].some((reading) => reading !== undefined)
  const outcome = isSlow || memoryPressure === 'critical' ? 'fail' : 'warn'
  return { id: 'slowMachine', outcome, numbers }
}
