/** Counts how often the kernel throttled a container because of its CPU quota, from its control group (cgroup). */
import type { MachineTools } from '../../host/machine-tools.ts'
import type { Docker } from './docker-cli.ts'

export interface Throttling {
  readonly containerPeriods: number
  readonly containerThrottledPeriods: number
  readonly containerThrottledMs: number
}

/** Parses `cpu.stat` of either version of cgroups; `undefined` if it contains no such counters. */
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

/** The possible paths of `cpu.stat`, from the content of /proc/PID/cgroup: those of cgroup version 1 first. */
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
 * Reads the counters on this machine if it can see the container's processes, and otherwise inside the container,
 * as with Docker Desktop. `undefined` if neither has them.
 * @param pid the container's first process, as numbered on the machine of the engine
 */
export async function readThrottling(
  container: string,
  pid: number,
  docker: Docker,
  tools: MachineTools,
  signal: AbortSignal,
): Promise<Throttling | undefined> {
  const cgroup = await tools.readText(`/proc/${pid}/cgroup`).catch(() => '')
  // If the engine runs in a virtual machine, this number belongs to another process here.
  if (cgroup.includes(container))
    for (const path of cpuStatPaths(cgroup)) {
      const counters = parseCpuStat(await tools.readText(path).catch(() => ''))
      if (counters) return counters
    }
  for (const path of ['/sys/fs/cgroup/cpu.stat', '/sys/fs/cgroup/cpu/cpu.stat']) {
    const text = await docker.run(['exec', container, 'cat', path], { signal }).catch(() => '')
    const counters = parseCpuStat(text)
    if (counters) return counters
  }
  return undefined
}
