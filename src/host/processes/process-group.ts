/** Signals to a group of processes, which only ever is one that we recorded when we started it. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { MachineTools } from '../machine-tools.ts'
import { identifyProcess } from './process-identity.ts'
import type { ProcessIdentity } from './process-identity.ts'

const pollMs = 25
/** After SIGKILL only the system's own housekeeping is waited for. */
const afterKillMs = 5_000

/** Asks the group to end, and ends it when `graceMs` are over. Returns when it is gone. */
export async function endProcessGroup(group: number, graceMs: number): Promise<void> {
  if (group <= 1) throw new Error(`not a process group of ours: ${group}`)
  send(group, 'SIGTERM')
  if (await isGoneWithin(group, graceMs)) return
  send(group, 'SIGKILL')
  await isGoneWithin(group, afterKillMs)
}

/**
 * Whether processes of the group that this leader began are there. While any of them is, no other group can
 * have its number; so a leader that has gone is no reason to doubt, and one that began at another time is.
 */
export async function groupRemains(leader: ProcessIdentity, tools: MachineTools): Promise<boolean> {
  const now = await identifyProcess(leader.pid, tools)
  if (now !== undefined) return now.start === leader.start
  return exists(leader.pid)
}

async function isGoneWithin(group: number, ms: number): Promise<boolean> {
  const end = performance.now() + ms
  while (exists(group)) {
    if (performance.now() > end) return false
    await sleep(pollMs)
  }
  return true
}

function exists(group: number): boolean {
  return send(group, 0)
}

/** Whether there was something to send to. */
function send(group: number, signal: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(-group, signal)
  } catch (error) {
    // EPERM: what is left of the group are dead processes that wait to be collected (macOS).
    if (error instanceof Error && 'code' in error && /^(ESRCH|EPERM)$/.test(String(error.code)))
      return false
    throw error
  }
}
