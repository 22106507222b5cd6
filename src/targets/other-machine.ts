/** Whether the settings of a target name a server on another machine. */
import { machineNamedBy, type Target } from '../experiment/target-kinds.ts'
import { isLoopback } from './evidence/local-server-log.ts'

/** True if the target names another machine, or an address that may belong to one. */
export function namesOtherMachine(target: Target): boolean {
  if (machineNamedBy(target) !== undefined) return true
  return 'url' in target && !isLoopback(new URL(target.url).hostname)
}
