/** Keeps the machine awake during a measurement, if the system offers a way. */
import { spawn } from 'node:child_process'
import { setTimeout as sleep } from 'node:timers/promises'

export interface SleepInhibitor {
  /** The program that keeps the machine awake; `undefined` if there is none. */
  readonly program?: string
  release(): void
}

/**
 * The command of a helper that keeps the machine awake. The helper exits when this process exits, even if it is killed.
 */
function helperCommand(
  platform: NodeJS.Platform,
  pid: number,
): readonly [string, ...string[]] | undefined {
  if (platform === 'darwin') return ['caffeinate', '-i', '-m', '-w', String(pid)]
  if (platform !== 'linux') return undefined
  return [
    'systemd-inhibit',
    '--what=sleep:idle',
    '--who=exp',
    '--why=an experiment is measured',
    '--mode=block',
    'tail',
    `--pid=${pid}`,
    '-f',
    '/dev/null',
  ]
}

/** A helper that cannot work, because systemd or a permission is missing, exits within this time. */
const failsWithinMs = 300

/** Never throws: a machine that cannot be kept awake is measured anyway. */
export async function inhibitSleep(
  platform: NodeJS.Platform = process.platform,
): Promise<SleepInhibitor> {
  const command = helperCommand(platform, process.pid)
  if (command === undefined) return { release: () => undefined }
  const [file, ...args] = command
  // Runs in a separate process group, because only this process should handle Ctrl-C.
  const helper = spawn(file, args, { stdio: 'ignore', detached: true })
  const ended = new Promise<true>((resolve) => {
    helper.once('error', () => resolve(true))
    helper.once('exit', () => resolve(true))
  })
  const hasFailed = await Promise.race([ended, sleep(failsWithinMs, false)])
  if (hasFailed) return { release: () => undefined }
  helper.unref()
  return { program: file, release: () => endGroup(helper.pid) }
}

function endGroup(pid: number | undefined): void {
  if (pid === undefined) return
  try {
    process.kill(-pid, 'SIGTERM')
  } catch {
    // It has already exited.
  }
}
