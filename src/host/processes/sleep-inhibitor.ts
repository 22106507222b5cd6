/** Keeps the machine awake while it measures, where the system offers that. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'

export interface SleepInhibitor {
  /** What keeps it awake; `undefined` where nothing could. */
  readonly by?: string
  release(): void
}

/** The helper ends with this process, however that ends. */
function helper(
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

/** How soon a helper fails that cannot do its work: without systemd, or without the right to. */
const failsWithinMs = 300

/** Never throws: a machine that cannot be kept awake is still measured. */
export async function inhibitSleep(
  platform: NodeJS.Platform = process.platform,
): Promise<SleepInhibitor> {
  const command = helper(platform, process.pid)
  if (command === undefined) return { release: () => undefined }
  const [file, ...args] = command
  // A group of its own: Ctrl-C in the terminal is for this process to answer.
  const child = spawn(file, args, { stdio: 'ignore', detached: true })
  const failed = await Promise.race([
    once(child, 'error').then(() => true),
    once(child, 'exit').then(() => true),
    new Promise<false>((resolve) => setTimeout(() => resolve(false), failsWithinMs)),
  ])
  if (failed) return { release: () => undefined }
  child.unref()
  return { by: file, release: () => endGroup(child.pid) }
}

function endGroup(pid: number | undefined): void {
  if (pid === undefined) return
  try {
    process.kill(-pid, 'SIGTERM')
  } catch {
    // It has ended by itself.
  }
}
