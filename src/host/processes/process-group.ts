/**
 * Ends the processes that exp started: the process group of a server, and processes that left the group. Processes
 * that left are found by an environment variable with a random value, which they inherit from the server. Only Linux
 * shows the environment of a process; on other systems they are not found.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import type { MachineTools } from '../machine-tools.ts'

/** Set for every server that exp starts, to a value that no other process has. */
export const markVariable = 'EXP_NOTEBOOK_STARTED'

const groupPollMs = 25
/** After SIGKILL, we wait only for the system to clean up. */
const afterKillMs = 5_000
const markedPollMs = 50
const markedGraceMs = 1_000

/** Sends SIGTERM to the group, and SIGKILL after `graceMs`. Returns when the group is gone. */
export async function endProcessGroup(group: number, graceMs: number): Promise<void> {
  if (group <= 1) throw new Error(`not a process group that exp started: ${group}`)
  send(-group, 'SIGTERM')
  if (await isGoneWithin(group, graceMs)) return
  send(-group, 'SIGKILL')
  await isGoneWithin(group, afterKillMs)
}

/**
 * True if any process of this leader's group still exists. The leader itself may have exited. If the leader's pid now
 * belongs to another process, the group is gone, because the system does not reuse a pid while a process group has it
 * as its id.
 */
export async function groupExists(leader: ProcessIdentity, tools: MachineTools): Promise<boolean> {
  const current = await identifyProcess(leader.pid, tools)
  if (current !== undefined) return current.start === leader.start
  return send(-leader.pid, 0)
}

async function isGoneWithin(group: number, ms: number): Promise<boolean> {
  const end = performance.now() + ms
  while (send(-group, 0)) {
    if (performance.now() > end) return false
    await sleep(groupPollMs)
  }
  return true
}

/** The pids of all processes with this mark. */
export async function markedProcesses(
  mark: string,
  tools: MachineTools,
): Promise<readonly number[]> {
  if (mark === '' || tools.platform !== 'linux') return []
  const numbers = (await tools.list('/proc')).filter((name) => /^\d+$/.test(name)).map(Number)
  const marked = await Promise.all(
    numbers.map(async (pid) => {
      const environment = await tools.readText(`/proc/${pid}/environ`).catch(() => '')
      return environment.split('\0').includes(`${markVariable}=${mark}`)
    }),
  )
  return numbers.filter((_, at) => marked[at])
}

/** Sends SIGTERM to all processes with this mark, and SIGKILL to those that remain. */
export async function endMarkedProcesses(mark: string, tools: MachineTools): Promise<void> {
  let remaining = await markedProcesses(mark, tools)
  for (const pid of remaining) send(pid, 'SIGTERM')
  const end = performance.now() + markedGraceMs
  while (remaining.length > 0 && performance.now() < end) {
    await sleep(markedPollMs)
    remaining = await markedProcesses(mark, tools)
  }
  for (const pid of remaining) send(pid, 'SIGKILL')
}

/**
 * Sends a signal to a process, or to a process group if the number is negative. Signal 0 only tests whether it exists.
 * Returns false if it does not exist.
 */
function send(target: number, signal: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(target, signal)
  } catch (error) {
    // EPERM: the group consists of zombie processes only (macOS).
    if (error instanceof Error && 'code' in error && /^(ESRCH|EPERM)$/.test(String(error.code)))
      return false
    throw error
  }
}

export interface ProcessIdentity {
  readonly pid: number
  /** When the process started, in the system's own form. On Linux it is relative to the boot, whose id is included. */
  readonly start: string
}

/** `undefined` if no process has this pid now. */
export async function identifyProcess(
  pid: number,
  tools: MachineTools,
): Promise<ProcessIdentity | undefined> {
  const start = await (tools.platform === 'linux' ? linuxStart(pid, tools) : psStart(pid, tools))
  return start === undefined || start === '' ? undefined : { pid, start }
}

/** True if this process is running. False if another process has its pid now. */
export async function isRunning(process: ProcessIdentity, tools: MachineTools): Promise<boolean> {
  return (await identifyProcess(process.pid, tools))?.start === process.start
}

async function linuxStart(pid: number, tools: MachineTools): Promise<string | undefined> {
  const stat = await tools.readText(`/proc/${pid}/stat`).catch(() => undefined)
  const boot = await tools.readText('/proc/sys/kernel/random/boot_id').catch(() => '')
  // Field 2 is the program's name in parentheses and may contain anything; field 22 is the start.
  const ticks = stat?.slice(stat.lastIndexOf(')') + 2).split(' ')[19]
  return ticks === undefined ? undefined : `${boot.trim()} ${ticks}`
}

async function psStart(pid: number, tools: MachineTools): Promise<string | undefined> {
  return (await tools.run('ps', ['-o', 'lstart=', '-p', String(pid)]).catch(() => '')).trim()
}
