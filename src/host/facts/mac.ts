/** Reads facts about a Mac without root: sysctl, sw_vers, vm_stat, pmset, system_profiler. */
import { z } from 'zod'
import type { MachineFacts, MachineSource } from './machine-facts.ts'
import { parseJson } from '../../json/json.ts'

const oids = [
  'machdep.cpu.brand_string',
  'hw.physicalcpu',
  'hw.perflevel0.physicalcpu',
  'hw.perflevel1.physicalcpu',
  'hw.memsize',
  'sysctl.proc_translated',
] as const

/**
 * Parses the output of `sysctl -i`: CPU model, cores and memory. Its lines look like `hw.memsize: 34359738368`, and
 * names that this Mac does not know are missing.
 */
export function parseSysctl(text: string): MachineFacts {
  const values = new Map(
    text.split('\n').flatMap((line) => {
      const [name, value] = line.split(/:\s(.*)/)
      return name === undefined || value === undefined ? [] : [[name, value] as const]
    }),
  )
  const number = (oid: (typeof oids)[number]) => {
    const value = Number(values.get(oid) ?? Number.NaN)
    return Number.isFinite(value) ? value : undefined
  }
  const model = values.get('machdep.cpu.brand_string')
  const translated = number('sysctl.proc_translated') === 1
  const counts = {
    physicalCores: number('hw.physicalcpu'),
    performanceCores: number('hw.perflevel0.physicalcpu'),
    efficiencyCores: number('hw.perflevel1.physicalcpu'),
    memoryBytes: number('hw.memsize'),
  }
  return {
    ...(model !== undefined && {
      cpuModel: translated ? `${model} (this process runs under Rosetta)` : model,
    }),
    ...definedEntries(counts),
  }
}

/**
 * Parses the used swap space and the load average over one minute from the output of sysctl:
 * `vm.swapusage: total = 2048.00M  used = 1024.25M  free = 1023.75M  (encrypted)` and `vm.loadavg: { 2.01 2.33 2.10 }`.
 */
export function parseSwapAndLoad(text: string): MachineFacts {
  const used = /^vm\.swapusage:.*\bused = ([\d.]+)([KMG])/m.exec(text)
  const load = /^vm\.loadavg: \{ ([\d.]+) /m.exec(text)?.[1]
  const scale = { K: 2 ** 10, M: 2 ** 20, G: 2 ** 30 }[used?.[2] ?? ''] ?? Number.NaN
  return {
    ...(used && { swapUsedBytes: Math.round(Number(used[1]) * scale) }),
    ...(load !== undefined && { loadAverage: Number(load) }),
  }
}

/** Parses the name, version and build of the system from the output of `sw_vers`, as in `macOS 15.1 (24B83)`. */
export function parseSwVers(text: string): MachineFacts {
  const value = (name: string) => new RegExp(`^${name}:\\s*(.+)$`, 'm').exec(text)?.[1]?.trim()
  const [name, version, build] = [
    value('ProductName'),
    value('ProductVersion'),
    value('BuildVersion'),
  ]
  if (name === undefined || version === undefined) return {}
  return { hostOs: `${name} ${version}${build === undefined ? '' : ` (${build})`}` }
}

/**
 * Parses free memory and pages swapped in from the output of `vm_stat`. Free memory is what is available without
 * swapping: free, speculative, inactive and purgeable pages.
 */
export function parseVmStat(text: string): MachineFacts {
  const pageBytes = Number(/page size of (\d+) bytes/.exec(text)?.[1] ?? Number.NaN)
  const pages = (name: string) => {
    const count = new RegExp(`^${name}:\\s*(\\d+)\\.`, 'm').exec(text)?.[1]
    return count === undefined ? undefined : Number(count)
  }
  const freeKinds = ['Pages free', 'Pages speculative', 'Pages inactive', 'Pages purgeable']
  const free = freeKinds.reduce((sum, name) => sum + (pages(name) ?? Number.NaN), 0) * pageBytes
  return definedEntries({
    memoryFreeBytes: Number.isFinite(free) ? free : undefined,
    swapInPages: pages('Swapins'),
  })
}

/** Parses the power source from the output of `pmset -g batt`, whose first line is `Now drawing from 'AC Power'`. */
export function parsePower(text: string): MachineFacts {
  const from = /^Now drawing from '(.+)'$/m.exec(text)?.[1]
  if (from === undefined) return {}
  return { powerSource: from === 'AC Power' ? 'ac' : 'battery' }
}

/**
 * Parses the power mode from the output of `pmset -g`. macOS names it `lowpowermode`, and `powermode` on machines that
 * also have a mode of high power: 0 is automatic, 1 low power, 2 high power.
 */
export function parsePowerMode(text: string): MachineFacts {
  const number = /^\s*(?:low)?powermode\s+(\d+)\s*$/m.exec(text)?.[1]
  const mode = ['automatic', 'low', 'high'][Number(number ?? Number.NaN)]
  return mode === undefined ? {} : { powerMode: mode }
}

/**
 * Parses the memory pressure from the output of sysctl: `kern.memorystatus_vm_pressure_level: 1`. The numbers are those
 * of the levels that macOS notifies programs of.
 */
export function parseMemoryPressure(text: string): MachineFacts {
  const number = /^kern\.memorystatus_vm_pressure_level:\s*(\d+)\s*$/m.exec(text)?.[1]
  const level = { '1': 'normal', '2': 'warning', '4': 'critical' }[number ?? '']
  return level === undefined ? {} : { memoryPressure: level }
}

/** The levels of `kOSThermalPressureLevel` on a Mac, from 0. */
const pressureLevels = ['nominal', 'moderate', 'heavy', 'trapping', 'sleeping']

/**
 * Parses the thermal state from the outputs of `notifyutil` and `pmset -g therm`. Only `notifyutil` can show that
 * nothing is slowed down: `pmset` never shows a warning on Apple silicon, so the lack of one means nothing.
 * @param pressure `com.apple.system.thermalpressurelevel 0`; empty if the command failed
 * @param text limits and warning levels of `pmset`; empty if the command failed
 */
export function parseThermal(pressure: string, text: string): MachineFacts {
  const number = /^com\.apple\.system\.thermalpressurelevel\s+(\d+)\s*$/m.exec(pressure)?.[1]
  const hot =
    number === undefined || number === '0'
      ? []
      : [`${pressureLevels[Number(number)] ?? `level ${number} of`} thermal pressure`]
  const limits = [...text.matchAll(/^\s*(CPU_Speed_Limit|CPU_Scheduler_Limit)\s*= (\d+)$/gm)]
    .filter(([, , percent]) => Number(percent) < 100)
    .map(([, name = '', percent = '']) => `${name} ${percent} %`)
  const level = /thermal warning level.*?(\d+)/i.exec(text)?.[1]
  const parts = [
    ...hot,
    ...limits,
    ...(level === undefined || level === '0' ? [] : [`warning level ${level}`]),
  ]
  if (parts.length > 0) return { thermalState: parts.join(', ') }
  return number === '0' ? { thermalState: 'nominal' } : {}
}

const displays = z.object({
  SPDisplaysDataType: z.array(
    z.object({
      sppci_model: z.string(),
      sppci_cores: z.string().optional(),
      spdisplays_mtlgpufamilysupport: z.string().optional(),
    }),
  ),
})

/**
 * Parses the GPUs from the output of `system_profiler`, as in `Apple M1 Pro, 16 cores, metal3`; several are joined by
 * `; `.
 */
export function parseDisplays(json: string): MachineFacts {
  const gpus = displays
    .parse(parseJson(json))
    .SPDisplaysDataType.map((gpu) =>
      [
        gpu.sppci_model,
        gpu.sppci_cores && `${gpu.sppci_cores} cores`,
        gpu.spdisplays_mtlgpufamilysupport?.replace('spdisplays_', ''),
      ]
        .filter((part) => part !== undefined && part !== '')
        .join(', '),
    )
  return gpus.length === 0 ? {} : { gpu: gpus.join('; ') }
}

const fromCommand = (
  [file, ...args]: readonly [string, ...string[]],
  facts: MachineSource['facts'],
  { changing }: Pick<MachineSource, 'changing'>,
  parse: (text: string) => MachineFacts,
): MachineSource => ({
  name: file === 'sysctl' ? file : [file, ...args].join(' '),
  facts,
  changing,
  read: async (tools) => parse(await tools.run(file, args, { timeoutMs: 15_000 })),
})

export const macSources: readonly MachineSource[] = [
  fromCommand(['sw_vers'], ['hostOs'], { changing: false }, parseSwVers),
  fromCommand(
    ['sysctl', '-i', ...oids],
    ['cpuModel', 'physicalCores', 'performanceCores', 'efficiencyCores', 'memoryBytes'],
    { changing: false },
    parseSysctl,
  ),
  fromCommand(
    ['sysctl', '-i', 'vm.swapusage', 'vm.loadavg'],
    ['swapUsedBytes', 'loadAverage'],
    { changing: true },
    parseSwapAndLoad,
  ),
  fromCommand(['vm_stat'], ['memoryFreeBytes', 'swapInPages'], { changing: true }, parseVmStat),
  fromCommand(
    ['sysctl', '-i', 'kern.memorystatus_vm_pressure_level'],
    ['memoryPressure'],
    { changing: true },
    parseMemoryPressure,
  ),
  fromCommand(['pmset', '-g', 'batt'], ['powerSource'], { changing: true }, parsePower),
  fromCommand(['pmset', '-g'], ['powerMode'], { changing: true }, parsePowerMode),
  {
    name: 'notifyutil, pmset -g therm',
    facts: ['thermalState'],
    changing: true,
    reasonIfMissing:
      'notifyutil gives no thermal pressure, and pmset records no warning, which on Apple silicon does not mean that nothing is slowed down',
    read: async (tools) => {
      const read = (file: string, ...args: readonly string[]) =>
        tools.run(file, args, { timeoutMs: 15_000 }).catch(() => '')
      return parseThermal(
        await read('notifyutil', '-g', 'com.apple.system.thermalpressurelevel'),
        await read('pmset', '-g', 'therm'),
      )
    },
  },
  fromCommand(
    ['system_profiler', '-json', 'SPDisplaysDataType'],
    ['gpu'],
    { changing: false },
    parseDisplays,
  ),
]

/** The entries that have a value. */
function definedEntries<Name extends string>(
  values: Readonly<Record<Name, number | undefined>>,
): Readonly<Partial<Record<Name, number>>> {
  const defined: Partial<Record<Name, number>> = {}
  for (const name in values) if (values[name] !== undefined) defined[name] = values[name]
  return defined
}
