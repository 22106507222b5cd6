/**
 * Ends the processes that exp started: the process group of a server, and processes that left the group. The
 * latter are found by an environment variable that they inherit, whose value is random and so unique. Only
 * Linux shows the environment of a process; on other systems none is found.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import type { MachineTools } from '../machine-tools.ts'
import { identifyProcess } from './process-identity.ts'
import type { ProcessIdentity } from './process-identity.ts'

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
 * True if processes of the group that this leader started still exist. The number of the group is not reused
 * while any of them runs, so a leader that has exited proves nothing; a leader with another start time proves
 * that the number now belongs to someone else.
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

/** The numbers of all processes with this mark. */
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
 * Sends a signal to a process, or to a group if the number is negative; signal 0 only tests. Returns false
 * if the target does not exist.
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
