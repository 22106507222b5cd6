/** Reads facts about a Linux machine from /proc, /sys and `nvidia-smi`. */
import type { MachineTools } from '../machine-tools.ts'
import type { MachineFacts, MachineSource } from './machine-facts.ts'

/**
 * The value of `model name` in /proc/cpuinfo; on ARM, which has no such field, the numbers of the vendor and the
 * part.
 */
export function parseCpuModel(cpuinfo: string): string | undefined {
  const field = (name: string) =>
    new RegExp(`^${name}\\s*:\\s*(.+)$`, 'm').exec(cpuinfo)?.[1]?.trim()
  const name = field('model name') ?? field('Model')
  if (name !== undefined) return name
  const vendor = field('CPU implementer')
  const part = field('CPU part')
  return vendor === undefined || part === undefined ? undefined : `ARM ${vendor} part ${part}`
}

/** Parses a list of CPUs as the kernel writes it: `0-3,8` becomes 0, 1, 2, 3, 8. */
export function parseCpuList(text: string): readonly number[] {
  return text
    .trim()
    .split(',')
    .filter((range) => range !== '')
    .flatMap((range) => {
      const [first = 0, last = first] = range.split('-').map(Number)
      return Array.from({ length: last - first + 1 }, (_, step) => first + step)
    })
}

export function parseMeminfo(meminfo: string): MachineFacts {
  const bytes = (name: string) => {
    const kilobytes = new RegExp(`^${name}:\\s*(\\d+) kB`, 'm').exec(meminfo)?.[1]
    return kilobytes === undefined ? undefined : Number(kilobytes) * 1024
  }
  const [total, free] = [bytes('MemTotal'), bytes('MemAvailable')]
  const [swapTotal, swapFree] = [bytes('SwapTotal'), bytes('SwapFree')]
  return {
    ...(total !== undefined && { memoryBytes: total }),
    ...(free !== undefined && { memoryFreeBytes: free }),
    ...(swapTotal !== undefined &&
      swapFree !== undefined && { swapUsedBytes: swapTotal - swapFree }),
  }
}

export function parseSwapIns(vmstat: string): MachineFacts {
  const pages = /^pswpin (\d+)$/m.exec(vmstat)?.[1]
  return pages === undefined ? {} : { swapInPages: Number(pages) }
}

export function parseLoadAverage(loadavg: string): MachineFacts {
  const oneMinute = /^\d+(\.\d+)?/.exec(loadavg)?.[0]
  return oneMinute === undefined ? {} : { loadAverage: Number(oneMinute) }
}

/** `Debian GNU/Linux 12 (bookworm), kernel 6.1.0`. */
export function parseOsRelease(osRelease: string, kernel: string): MachineFacts {
  const name = /^PRETTY_NAME="?([^"\n]+)"?$/m.exec(osRelease)?.[1]
  return { hostOs: `${name ?? 'Linux'}, kernel ${kernel}` }
}

async function readCores(tools: MachineTools): Promise<MachineFacts> {
  const root = '/sys/devices/system/cpu'
  const cpus = parseCpuList(await tools.readText(`${root}/online`))
  const siblings = await Promise.all(
    cpus.map((cpu) => tools.readText(`${root}/cpu${cpu}/topology/thread_siblings_list`)),
  )
  return { physicalCores: new Set(siblings.map((text) => text.trim())).size }
}

/**
 * Counts performance and efficiency cores: by the kernel's list of Intel's small CPUs, or by the capacity that it
 * states for each ARM CPU.
 */
async function readCoreKinds(tools: MachineTools): Promise<MachineFacts> {
  const root = '/sys/devices/system/cpu'
  const read = (path: string) => tools.readText(path).catch(() => undefined)
  const cpus = parseCpuList(await tools.readText(`${root}/online`))
  const cores = await Promise.all(
    cpus.map(async (cpu) => ({
      cpu,
      core: (await read(`${root}/cpu${cpu}/topology/thread_siblings_list`)) ?? String(cpu),
      capacity: Number((await read(`${root}/cpu${cpu}/cpu_capacity`)) ?? Number.NaN),
    })),
  )
  const small = parseCpuList((await read('/sys/devices/cpu_atom/cpus')) ?? '')
  const largest = Math.max(...cores.map((core) => core.capacity))
  const isSmall = ({ cpu, capacity }: { cpu: number; capacity: number }) =>
    small.includes(cpu) || capacity < largest
  const count = (kind: typeof cores) => new Set(kind.map(({ core }) => core)).size
  const efficiencyCores = count(cores.filter(isSmall))
  if (efficiencyCores === 0) return {}
  return { performanceCores: count(cores.filter((core) => !isSmall(core))), efficiencyCores }
}

async function readPower(tools: MachineTools): Promise<MachineFacts> {
  const root = '/sys/class/power_supply'
  const supplies = await Promise.all(
    (await tools.list(root)).map(async (name) => {
      const read = (file: string) =>
        tools.readText(`${root}/${name}/${file}`).then(
          (text) => text.trim(),
          () => '',
        )
      const [type, scope] = [await read('type'), await read('scope')]
      return { type, scope, online: await read('online'), status: await read('status') }
    }),
  )
  // A mouse may have a battery too.
  const system = supplies.filter(({ scope }) => scope !== 'Device')
  if (system.some(({ type, online }) => type !== 'Battery' && online === '1'))
    return { powerSource: 'ac' }
  const battery = system.find(({ type }) => type === 'Battery')
  if (battery === undefined) return {}
  return { powerSource: battery.status === 'Discharging' ? 'battery' : 'ac' }
}

/** The temperature of the hottest zone, and the number of times that a core was throttled since the machine started. */
async function readThermal(tools: MachineTools): Promise<MachineFacts> {
  const numbers = async (paths: readonly string[]) => {
    const texts = await Promise.all(paths.map((path) => tools.readText(path).catch(() => '')))
    return texts.filter((text) => text.trim() !== '').map(Number)
  }
  const pathsIn = async (root: string, pattern: RegExp, file: string) =>
    (await tools.list(root))
      .filter((name) => pattern.test(name))
      .map((name) => `${root}/${name}/${file}`)
  const zones = await numbers(await pathsIn('/sys/class/thermal', /^thermal_zone\d+$/, 'temp'))
  const throttles = await numbers(
    await pathsIn('/sys/devices/system/cpu', /^cpu\d+$/, 'thermal_throttle/core_throttle_count'),
  )
  const parts = [
    zones.length > 0 && `${Math.round(Math.max(...zones) / 1000)} °C`,
    throttles.length > 0 &&
      `slowed for heat ${throttles.reduce((sum, times) => sum + times, 0)} times since start`,
  ].filter((part) => part !== false)
  return parts.length === 0 ? {} : { thermalState: parts.join(', ') }
}

const nvidiaFields = ['name', 'memory.total', 'driver_version'] as const

/**
 * Parses lines of `NVIDIA GeForce RTX 4090, 24564 MiB, 550.54.14`, one per GPU, into
 * `NVIDIA GeForce RTX 4090 24564 MiB (driver 550.54.14)`; several GPUs are joined by `; `.
 */
export function parseNvidia(csv: string): MachineFacts {
  const gpus = csv
    .split('\n')
    .map((line) => line.split(',').map((value) => value.trim()))
    .filter((values) => values.length === nvidiaFields.length)
    .map(([name = '', memory = '', driver = '']) => `${name} ${memory} (driver ${driver})`)
  return gpus.length === 0 ? {} : { gpu: gpus.join('; ') }
}

const fromFile = (
  path: string,
  facts: MachineSource['facts'],
  changing: boolean,
  parse: (text: string, tools: MachineTools) => MachineFacts,
): MachineSource => ({
  name: path,
  facts,
  changing,
  read: async (tools) => parse(await tools.readText(path), tools),
})

export const linuxSources: readonly MachineSource[] = [
  fromFile('/etc/os-release', ['hostOs'], false, (text, tools) =>
    parseOsRelease(text, tools.kernel),
  ),
  fromFile('/proc/cpuinfo', ['cpuModel'], false, (text) => {
    const cpuModel = parseCpuModel(text)
    return cpuModel === undefined ? {} : { cpuModel }
  }),
  {
    name: '/sys/devices/system/cpu/cpu*/topology',
    facts: ['physicalCores'],
    changing: false,
    read: readCores,
  },
  {
    name: '/sys/devices/system/cpu/cpu*/cpu_capacity',
    facts: ['performanceCores', 'efficiencyCores'],
    changing: false,
    reasonIfMissing: 'the kernel does not distinguish kinds of cores',
    read: readCoreKinds,
  },
  fromFile(
    '/proc/meminfo',
    ['memoryBytes', 'memoryFreeBytes', 'swapUsedBytes'],
    true,
    parseMeminfo,
  ),
  fromFile('/proc/vmstat', ['swapInPages'], true, parseSwapIns),
  fromFile('/proc/loadavg', ['loadAverage'], true, parseLoadAverage),
  {
    name: '/sys/class/power_supply',
    facts: ['powerSource'],
    changing: true,
    reasonIfMissing: 'no power supply is listed',
    read: readPower,
  },
  {
    name: '/sys/class/thermal',
    facts: ['thermalState'],
    changing: true,
    reasonIfMissing: 'no sensor is listed',
    read: readThermal,
  },
  { name: 'nvidia-smi', facts: ['gpu'], changing: false, read: readGpu },
]

/** The kernel's modules that drive a GPU. */
const gpuModules = ['nvidia', 'nouveau', 'amdgpu', 'radeon', 'i915', 'xe', 'asahi', 'dxgkrnl']

/** The GPUs that `nvidia-smi` lists; if it lists none and the kernel has no driver of a GPU, `none`. */
async function readGpu(tools: MachineTools): Promise<MachineFacts> {
  try {
    const query = [`--query-gpu=${nvidiaFields.join(',')}`, '--format=csv,noheader']
    return parseNvidia(await tools.run('nvidia-smi', query))
  } catch (error) {
    const modules = await tools.list('/sys/module')
    const hasNoDriver = modules.length > 0 && !modules.some((name) => gpuModules.includes(name))
    if (hasNoDriver) return { gpu: 'none' }
    throw error
  }
}
