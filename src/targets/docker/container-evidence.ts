/** Facts about a container: its settings, its engine, and how often its CPU quota throttled it. */
import type { MachineTools } from '../../host/machine-tools.ts'
import type { Evidence } from '../../results/record.ts'
import { errorMessage, missingObservation, observation } from '../evidence/observe.ts'
import type { Observation } from '../target.ts'
import { cgroupOf, type Container } from './container.ts'
import type { Docker } from './docker-cli.ts'
import {
  containerFacts,
  dockerInfo,
  dockerVersion,
  inspectedImage,
  type InspectedContainer,
} from './inspection.ts'

const throttlingFacts = [
  'containerPeriods',
  'containerThrottledPeriods',
  'containerThrottledMs',
] as const

const containerFactIds = ['containerImage', 'containerCpus', ...throttlingFacts] as const

/**
 * Reads the throttling counters before and after the trial, and before it also the facts that never change. Never
 * throws.
 * @param tools absent if the container is on another machine
 */
export async function observeContainer(
  container: Container,
  when: Evidence['when'],
  signal: AbortSignal,
  docker: Docker,
  tools: MachineTools | undefined,
): Promise<readonly Observation[]> {
  try {
    const inspected = await container.inspect()
    const counters = await observeThrottling(inspected, docker, tools, signal)
    if (when !== 'before') return [counters]
    const image = await docker.json(['image', 'inspect', inspected.Image], inspectedImage, {
      signal,
    })
    return [
      observation('docker inspect', [], containerFacts(inspected, image), ''),
      await observeEngine(docker, signal),
      counters,
    ]
  } catch (error) {
    return [missingObservation('docker inspect', containerFactIds, errorMessage(error))]
  }
}

async function observeThrottling(
  { Id, State }: InspectedContainer,
  docker: Docker,
  tools: MachineTools | undefined,
  signal: AbortSignal,
): Promise<Observation> {
  if (!State.Running)
    return missingObservation('cgroup', throttlingFacts, 'the container had ended')
  const counters = await readThrottling(Id, State.Pid, docker, tools, signal)
  const reason = 'neither the machine nor the container shows its control group'
  return observation('cgroup', throttlingFacts, counters ?? {}, reason)
}

async function observeEngine(docker: Docker, signal: AbortSignal): Promise<Observation> {
  const facts = ['engineVersion', 'engineHost', 'engineCpus', 'engineMemoryBytes'] as const
  try {
    const [version, info] = await Promise.all([
      docker.json(['version', '--format={{json .}}'], dockerVersion, { signal }),
      docker.json(['info', '--format={{json .}}'], dockerInfo, { signal }),
    ])
    const values = {
      engineVersion: version.Server.Version,
      engineHost: info.OperatingSystem,
      ...(info.NCPU > 0 && { engineCpus: info.NCPU }),
      ...(info.MemTotal > 0 && { engineMemoryBytes: info.MemTotal }),
    }
    return observation('docker version', facts, values, 'docker info does not say')
  } catch (error) {
    return missingObservation('docker version', facts, errorMessage(error))
  }
}

export interface Throttling {
  readonly containerPeriods: number
  readonly containerThrottledPeriods: number
  readonly containerThrottledMs: number
}

/** Parses `cpu.stat` of cgroup version 1 or 2; `undefined` if it contains no throttling counters. */
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

/** The possible paths of `cpu.stat`, from the content of /proc/PID/cgroup. Paths of cgroup version 1 come first. */
export function cpuStatPaths(cgroup: string): readonly string[] {
  const lines = cgroup.split('\n').map((line) => /^(\d+):([^:]*):(.*)$/.exec(line))
  const pathInVersion1 = lines.find((line) => line?.[2]?.split(',').includes('cpu'))?.[3]
  const pathInVersion2 = lines.find((line) => line?.[1] === '0' && line[2] === '')?.[3]
  return [
    ...(pathInVersion1 === undefined
      ? []
      : [
          `/sys/fs/cgroup/cpu${pathInVersion1}/cpu.stat`,
          `/sys/fs/cgroup/cpu,cpuacct${pathInVersion1}/cpu.stat`,
        ]),
    ...(pathInVersion2 === undefined
      ? []
      : [
          `/sys/fs/cgroup${pathInVersion2}/cpu.stat`,
          `/sys/fs/cgroup/unified${pathInVersion2}/cpu.stat`,
        ]),
  ]
}

/**
 * Reads the throttling counters: on this machine if it runs the container's processes, otherwise inside the container
 * (Docker Desktop runs them in a virtual machine). `undefined` if there are no counters in either place.
 * @param pid the container's first process, as numbered on the machine of the engine
 * @param tools access to this machine; absent if the container is on another one
 */
export async function readThrottling(
  container: string,
  pid: number,
  docker: Docker,
  tools: MachineTools | undefined,
  signal: AbortSignal,
): Promise<Throttling | undefined> {
  const cgroup = tools && (await cgroupOf(pid, container, tools))
  if (tools !== undefined && cgroup !== undefined)
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
