import { homedir, platform } from 'node:os'
import path from 'node:path'

/** The user's cache folder: `XDG_CACHE_HOME`, or the platform's default. */
export function cacheFolder(env: Readonly<Record<string, string | undefined>>): string {
  const configured = env['XDG_CACHE_HOME']
  if (configured !== undefined && path.isAbsolute(configured))
    return path.join(configured, 'exp-notebook')
  const home = env['HOME'] ?? homedir()
  if (platform() === 'darwin') return path.join(home, 'Library', 'Caches', 'exp-notebook')
  if (platform() === 'win32')
    return path.join(
      env['LOCALAPPDATA'] ?? path.join(home, 'AppData', 'Local'),
      'exp-notebook',
      'cache',
    )
  return path.join(home, '.cache', 'exp-notebook')
}
