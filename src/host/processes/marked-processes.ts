/**
 * Processes that left the group that we began, known by a variable that they inherited: its value is random, so no
 * other process has it. Only Linux shows the environment of a process; elsewhere none is found.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import type { MachineTools } from '../machine-tools.ts'

/** Set for what we start, to a value of its own each time. */
export const markVariable = 'EXP_NOTEBOOK_STARTED'

const graceMs = 1_000
const pollMs = 50

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

/** Asks them to end, and ends them. */
export async function endMarkedProcesses(mark: string, tools: MachineTools): Promise<void> {
  let left = await markedProcesses(mark, tools)
  for (const pid of left) send(pid, 'SIGTERM')
  const end = performance.now() + graceMs
  while (left.length > 0 && performance.now() < end) {
    await sleep(pollMs)
    left = await markedProcesses(mark, tools)
  }
  for (const pid of left) send(pid, 'SIGKILL')
}

function send(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal)
  } catch {
    // It has ended by itself.
  }
}
