/** Identifies a process beyond its number, which the system reuses: its start time is part of the identity. */
import type { MachineTools } from '../machine-tools.ts'

export interface ProcessIdentity {
  readonly pid: number
  /** When it started, as the system writes it; on Linux relative to the boot, whose id is included. */
  readonly start: string
}

/** `undefined` if no process has this number now. */
export async function identifyProcess(
  pid: number,
  tools: MachineTools,
): Promise<ProcessIdentity | undefined> {
  const start = await (tools.platform === 'linux' ? linuxStart(pid, tools) : psStart(pid, tools))
  return start === undefined || start === '' ? undefined : { pid, start }
}

/** True if this process is running, and not another one that got its number later. */
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
