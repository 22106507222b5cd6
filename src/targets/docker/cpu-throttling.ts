/** How often the kernel held a container back for its CPU quota: counters of its control group. */
import type { MachineTools } from '../../host/machine-tools.ts'
import type { Docker } from './docker-cli.ts'

export interface Throttling {
  readonly containerPeriods: number
  readonly containerThrottledPeriods: number
  readonly containerThrottledMs: number
}

/** The text of `cpu.stat`, of either version of control groups; `undefined` where it holds no such counters. */
export function parseCpuStat(text: string): Throttling | undefined {
  const value = (name: string) => {
    const digits = new RegExp(`^${name} (\\d+)$`, 'm').exec(text)?.[1]
    return digits === undefined ? undefined : Number(digits)
  }
  const [periods, throttled] = [value('nr_periods'), value('nr_throttled')]
  const [microseconds, nanoseconds] = [value('throttled_usec'), value('throttled_time')]
  const ms =
    microseconds === undefined
      ? nanoseconds === undefined
        ? undefined
        : nanoseconds / 1e6
      : microseconds / 1e3
  if (periods === undefined || throttled === undefined || ms === undefined) return undefined
  return {
    containerPeriods: periods,
    containerThrottledPeriods: throttled,
    containerThrottledMs: ms,
  }
}

/** Where a process's CPU control group lies in /sys, by its /proc/PID/cgroup: version 1 first, where there is one. */
export function cpuStatPaths(cgroup: string): readonly string[] {
  const lines = cgroup.split('\n').map((line) => /^(\d+):([^:]*):(.*)$/.exec(line))
  const first = lines.find((line) => line?.[2]?.split(',').includes('cpu'))?.[3]
  const second = lines.find((line) => line?.[1] === '0' && line[2] === '')?.[3]
  return [
    ...(first === undefined
      ? []
      : [`/sys/fs/cgroup/cpu${first}/cpu.stat`, `/sys/fs/cgroup/cpu,cpuacct${first}/cpu.stat`]),
    ...(second === undefined
      ? []
      : [`/sys/fs/cgroup${second}/cpu.stat`, `/sys/fs/cgroup/unified${second}/cpu.stat`]),
  ]
}

/**
 * Reads the counters on this machine, where the container's processes are seen, else inside the container,
 * as with Docker Desktop. `undefined` where neither tells.
 * @param pid the container's first process, in the engine's own numbering
 */
export async function readThrottling(
  container: string,
  pid: number,
  docker: Docker,
  tools: MachineTools,
  signal: AbortSignal,
): Promise<Throttling | undefined> {
  const cgroup = await tools.readText(`/proc/${pid}/cgroup`).catch(() => '')
  // A process of that number may be another's, where the engine runs in a virtual machine.
  if (cgroup.includes(container))
    for (const path of cpuStatPaths(cgroup)) {
      const found = parseCpuStat(await tools.readText(path).catch(() => ''))
      if (found) return found
    }
  for (const path of ['/sys/fs/cgroup/cpu.stat', '/sys/fs/cgroup/cpu/cpu.stat']) {
    const text = await docker.run(['exec', container, 'cat', path], { signal }).catch(() => '')
    const found = parseCpuStat(text)
    if (found) return found
  }
  return undefined
}
