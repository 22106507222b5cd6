/**
 * Samples what a server uses while it is measured: the memory of its processes, and the power and energy of the
 * machine. Input: access to files and programs, and where the server's processes are. Output: at each sample one
 * reading from each source. A source that fails at the first sample gives its reason once, and is not read again.
 */
import type { MachineTools } from '../machine-tools.ts'
import { nvidiaMemory, processFamily, rocmMemory, type ProcessMemory } from './memory.ts'
import { energyCounter, nvidiaPower, powermetricsReader } from './power.ts'

/** The facts that are sampled; `packageJoules` counts from the first sample. */
type SampledFactId =
  'residentBytes' | 'gpuMemoryBytes' | 'packageJoules' | 'gpuWatts' | 'processorWatts'

/** What one source returned in one sample. */
export interface ResourceReading {
  readonly source: string
  readonly facts: Readonly<Partial<Record<SampledFactId, number>>>
  /** The facts that this source cannot give on this machine, each with the reason. */
  readonly missing?: Readonly<Partial<Record<SampledFactId, string>>>
}

/** Where the processes of a server are. */
export type ServerProcesses =
  /** The server is this process of this machine, with its descendants. */
  | { readonly kind: 'process'; readonly pid: number }
  /** The processes are in a container or on another machine, so that this system does not show them. */
  | {
      readonly kind: 'container'
      readonly source: string
      readonly residentBytes: () => Promise<number>
      readonly isLocal: boolean
    }
  /** The processes are not known. If `isLocal` is false, they may be on another machine. */
  | { readonly kind: 'unknown'; readonly why: string; readonly isLocal: boolean }

/** Takes one sample: passes each reading to `write` as soon as its source answers. Never throws. */
export type SampleResources = (write: (reading: ResourceReading) => void) => Promise<void>

interface Source {
  readonly name: string
  readonly fact: SampledFactId
  /**
   * Throws an error whose message says why there is no value.
   * @param serverProcesses returns the server's processes, read once for each sample
   */
  readonly read: (serverProcesses: () => Promise<readonly ProcessMemory[]>) => Promise<number>
}

/** @param powermetrics a file that a running `powermetrics` writes, from `exp.local.yaml` */
export function resourceSampler(
  processes: ServerProcesses,
  tools: MachineTools,
  powermetrics: string | undefined,
): SampleResources {
  const sources = new Set([
    ...memorySources(processes, tools),
    ...energySources(processes, tools, powermetrics),
  ])
  const readFamily =
    processes.kind === 'process'
      ? processFamily(processes.pid, tools)
      : () => Promise.resolve<readonly ProcessMemory[]>([])
  let isFirst = true
  return async (write) => {
    let family: ReturnType<typeof readFamily> | undefined
    const serverProcesses = () => (family ??= readFamily())
    const answers = [...sources].map(async (source) => {
      const { name, fact, read } = source
      try {
        const value = await read(serverProcesses)
        if (!Number.isFinite(value)) throw new Error(`${name} gave no number`)
        write({ source: name, facts: { [fact]: value } })
      } catch (error) {
        if (!isFirst) return
        sources.delete(source)
        const reason = error instanceof Error ? error.message : String(error)
        write({ source: name, facts: {}, missing: { [fact]: reason } })
      }
    })
    await Promise.all(answers)
    isFirst = false
  }
}

function memorySources(processes: ServerProcesses, tools: MachineTools): readonly Source[] {
  if (processes.kind === 'unknown')
    return [
      failingSource('host', 'residentBytes', processes.why),
      failingSource('host', 'gpuMemoryBytes', processes.why),
    ]
  if (processes.kind === 'container')
    return [
      { name: processes.source, fact: 'residentBytes', read: processes.residentBytes },
      failingSource('host', 'gpuMemoryBytes', 'the processes in the container are not visible'),
    ]
  const onGpu = (name: string, list: typeof nvidiaMemory): Source => ({
    name,
    fact: 'gpuMemoryBytes',
    read: async (serverProcesses) => {
      const bytes = await list(tools)
      return sum((await serverProcesses()).map(({ pid }) => bytes.get(pid) ?? 0))
    },
  })
  const resident: Source['read'] = async (serverProcesses) =>
    sum((await serverProcesses()).map(({ residentBytes }) => residentBytes))
  // A Mac has no GPU memory of its own.
  if (tools.platform === 'darwin') return [{ name: 'ps', fact: 'residentBytes', read: resident }]
  return [
    { name: '/proc', fact: 'residentBytes', read: resident },
    onGpu('nvidia-smi', nvidiaMemory),
    onGpu('rocm-smi', rocmMemory),
  ]
}

function energySources(
  processes: ServerProcesses,
  tools: MachineTools,
  powermetrics: string | undefined,
): readonly Source[] {
  if (processes.kind !== 'process' && !processes.isLocal)
    return [
      failingSource(
        'host',
        'packageJoules',
        processes.kind === 'unknown' ? processes.why : 'the server is on another machine',
      ),
    ]
  if (tools.platform === 'darwin')
    return [
      {
        name: 'powermetrics',
        fact: 'processorWatts',
        read: powermetricsReader(powermetrics, tools),
      },
    ]
  return [
    { name: '/sys/class/powercap', fact: 'packageJoules', read: energyCounter(tools) },
    { name: 'nvidia-smi', fact: 'gpuWatts', read: () => nvidiaPower(tools) },
  ]
}

function failingSource(name: string, fact: SampledFactId, why: string): Source {
  return { name, fact, read: () => Promise.reject(new Error(why)) }
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0)
}
