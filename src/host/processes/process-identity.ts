/** Which process a number means: the system gives numbers out again, so its start is part of it. */
import type { MachineTools } from '../machine-tools.ts'

export interface ProcessIdentity {
  readonly pid: number
  /** When it began, in the system's own words; on Linux with the boot that it is counted from. */
  readonly start: string
}

/** `undefined` where no process has this number now. */
export async function identifyProcess(
  pid: number,
  tools: MachineTools,
): Promise<ProcessIdentity | undefined> {
  const start = await (tools.platform === 'linux' ? linuxStart(pid, tools) : otherStart(pid, tools))
  return start === undefined || start === '' ? undefined : { pid, start }
}

/** Whether that very process still runs. */
export async function isRunning(process: ProcessIdentity, tools: MachineTools): Promise<boolean> {
  return (await identifyProcess(process.pid, tools))?.start === process.start
}

async function linuxStart(pid: number, tools: MachineTools): Promise<string | undefined> {
  const stat = await tools.readText(`/proc/${pid}/stat`).catch(() => undefined)
  const boot = await tools.readText('/proc/sys/kernel/random/boot_id').catch(() => '')
  // The second field is the program's name in parentheses, which may hold anything; the start is the 22nd.
  const ticks = stat?.slice(stat.lastIndexOf(')') + 2).split(' ')[19]
  return ticks === undefined ? undefined : `${boot.trim()} ${ticks}`
}

async function otherStart(pid: number, tools: MachineTools): Promise<string | undefined> {
  return (await tools.run('ps', ['-o', 'lstart=', '-p', String(pid)]).catch(() => '')).trim()
}
