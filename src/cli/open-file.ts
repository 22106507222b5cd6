/** Opens a file with the program that the user's desktop chooses for it. */
import { spawn } from 'node:child_process'

/** Returns once the program has started: undefined, or why it has not. */
export type OpenFile = (file: string) => Promise<string | undefined>

type Env = Readonly<Record<string, string | undefined>>

/** Nothing on a machine without a display. */
export function openFileOn(platform: NodeJS.Platform, env: Env): { readonly openFile?: OpenFile } {
  const opener = openerOf(platform, env)
  return opener === undefined ? {} : { openFile: (file) => start(opener, file, env) }
}

/** The program that opens files; undefined without a display. */
export function openerOf(platform: NodeJS.Platform, env: Env): string | undefined {
  if (platform === 'darwin') return 'open'
  if (platform === 'win32') return 'explorer.exe' // `start` belongs to the shell, which would read `&` in a path
  const hasDisplay = [env['WAYLAND_DISPLAY'], env['DISPLAY']].some((name) => (name ?? '') !== '')
  return hasDisplay ? 'xdg-open' : undefined
}

/** Does not wait for the program to end: the opener of some desktops is the browser itself. */
function start(opener: string, file: string, env: Env): Promise<string | undefined> {
  return new Promise((resolve) => {
    const child = spawn(opener, [file], { detached: true, stdio: 'ignore', env: { ...env } })
    child.once('error', ({ message }) => resolve(message))
    child.once('spawn', () => {
      child.unref()
      resolve(undefined)
    })
  })
}
