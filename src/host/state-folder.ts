/** Where this program keeps what it must know after a crash: what it started, and the logs of that. */
import { homedir } from 'node:os'
import { join } from 'node:path'

/** @param env `XDG_STATE_HOME` counts where it is set to an absolute path */
export function stateFolder(
  env: Readonly<Record<string, string | undefined>>,
  platform: NodeJS.Platform,
): string {
  const chosen = env['XDG_STATE_HOME']
  if (chosen?.startsWith('/')) return join(chosen, 'exp')
  if (platform === 'darwin') return join(homedir(), 'Library/Application Support/exp')
  return join(homedir(), '.local/state/exp')
}
