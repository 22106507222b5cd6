/** The folder for data that must survive a crash: records of the processes that exp started, and their logs. */
import { homedir } from 'node:os'
import { join } from 'node:path'

/** @param env `XDG_STATE_HOME` is used if it is an absolute path */
export function stateFolder(
  env: Readonly<Record<string, string | undefined>>,
  platform: NodeJS.Platform,
): string {
  const chosen = env['XDG_STATE_HOME']
  if (chosen?.startsWith('/')) return join(chosen, 'exp')
  if (platform === 'darwin') return join(homedir(), 'Library/Application Support/exp')
  return join(homedir(), '.local/state/exp')
}
