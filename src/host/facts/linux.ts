/** What Linux tells of a machine through /proc and /sys. */
import type { MachineFacts, MachineSource } from './machine.ts'
import type { MachineTools } from '../machine-tools.ts'
import { nvidiaSource } from './nvidia.ts'

/** Value of `model name` in /proc/cpuinfo; on ARM, which has none, the numbers of the maker and the part. */
export function parseCpuModel(cpuinfo: string): string | undefined {
  const field = (name: string) =>
    new RegExp(`^${name}\\s*:\\s*(.+)$`, 'm').exec(cpuinfo)?.[1]?.trim()
  const named = field('model name') ?? field('Model')
  if (named !== undefined) return named
  const maker = field('CPU implementer')
  const part = field('CPU part')
  return maker === undefined || part === undefined ? undefined : `ARM ${maker} part ${part}`
}

/** A list of CPUs as the kernel writes it: `0-3,8` is 0, 1, 2, 3, 8. */
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

/** Intel names the CPUs of each kind; ARM gives each CPU a capacity. Counts physical cores. */
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
  const ours = supplies.filter(({ scope }) => scope !== 'Device') // a mouse has a battery too
  if (ours.some(({ type, online }) => type !== 'Battery' && online === '1'))
    return { powerSource: 'ac' }
  const battery = ours.find(({ type }) => type === 'Battery')
  if (battery === undefined) return {}
  return { powerSource: battery.status === 'Discharging' ? 'battery' : 'ac' }
}

/** The hottest zone, and how often a core was slowed for heat since the machine started. */
async function readThermal(tools: MachineTools): Promise<MachineFacts> {
  const numbers = async (paths: readonly string[]) => {
    const texts = await Promise.all(paths.map((path) => tools.readText(path).catch(() => '')))
    return texts.filter((text) => text.trim() !== '').map(Number)
  }
  const within = async (root: string, pattern: RegExp, file: string) =>
    (await tools.list(root))
      .filter((name) => pattern.test(name))
      .map((name) => `${root}/${name}/${file}`)
  const zones = await numbers(await within('/sys/class/thermal', /^thermal_zone\d+$/, 'temp'))
  const throttles = await numbers(
    await within('/sys/devices/system/cpu', /^cpu\d+$/, 'thermal_throttle/core_throttle_count'),
  )
  const parts = [
    zones.length > 0 && `${Math.round(Math.max(...zones) / 1000)} °C`,
    throttles.length > 0 &&
      `slowed for heat ${throttles.reduce((sum, times) => sum + times, 0)} times since start`,
  ].filter((part) => part !== false)
  return parts.length === 0 ? {} : { thermalState: parts.join(', ') }
}

const fromFile = (
  path: string,
  tells: MachineSource['facts'],
  changing: boolean,
  parse: (text: string, tools: MachineTools) => MachineFacts,
): MachineSource => ({
  name: path,
  facts: tells,
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
    reasonIfMissing: 'the kernel tells no kinds of core apart',
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
  nvidiaSource,
]
