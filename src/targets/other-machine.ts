/** Whether the settings of a target name a server on another machine. */
import { machineNamedBy, type Target } from '../experiment/target-kinds.ts'
import { isLoopback } from './evidence/local-server-log.ts'

/** True if they name that machine, or an address that is not certainly one of this machine. */
export function namesOtherMachine(target: Target): boolean {
  if (machineNamedBy(target) !== undefined) return true
  return 'url' in target && !isLoopback(new URL(target.url).hostname)
}
