/**
 * A snapshot of another machine, taken over `ssh`: the files and the command output from which exp reads facts about a
 * machine. `snapshotTools` gives access to it like to this machine, so that the same code reads both.
 */
import { CommandFailure } from '../../host/command.ts'
import type { MachineTools } from '../../host/machine-tools.ts'
import { findProgram } from './serve-script.ts'

const separator = 'exp-section '
/** The name of the first section. Text that the user's shell profile prints comes before it. */
const system = 'system'

/** The files to read, as shell patterns. */
const linuxFiles = [
  '/etc/machine-id',
  '/var/lib/dbus/machine-id',
  '/etc/os-release',
  '/proc/cpuinfo',
  '/proc/meminfo',
  '/proc/vmstat',
  '/proc/loadavg',
  '/sys/devices/system/cpu/online',
  '/sys/devices/system/cpu/cpu[0-9]*/topology/thread_siblings_list',
  '/sys/devices/system/cpu/cpu[0-9]*/cpu_capacity',
  '/sys/devices/system/cpu/cpu[0-9]*/thermal_throttle/core_throttle_count',
  '/sys/devices/cpu_atom/cpus',
  '/sys/class/power_supply/*/type',
  '/sys/class/power_supply/*/scope',
  '/sys/class/power_supply/*/online',
  '/sys/class/power_supply/*/status',
  '/sys/class/thermal/thermal_zone*/temp',
]

const linuxCommands = [
  'nvidia-smi --query-gpu=name,memory.total,driver_version --format=csv,noheader',
]

const macCommands = [
  'sw_vers',
  'sysctl -i machdep.cpu.brand_string hw.physicalcpu hw.perflevel0.physicalcpu hw.perflevel1.physicalcpu hw.memsize sysctl.proc_translated',
  'sysctl -i vm.swapusage vm.loadavg',
  'vm_stat',
  'sysctl -i kern.memorystatus_vm_pressure_level',
  'pmset -g batt',
  'pmset -g',
  'notifyutil -g com.apple.system.thermalpressurelevel',
  'pmset -g therm',
  'system_profiler -json SPDisplaysDataType',
  'ioreg -rd1 -c IOPlatformExpertDevice',
]

/** The output leaves out commands that are not installed or fail. */
const runCommands = (commands: readonly string[]) =>
  commands.map((command) => `run ${command}`).join('\n')

/** Prints the snapshot. The script is fixed: it contains no text from a user or a file. */
export const snapshotScript = `LC_ALL=C
export LC_ALL
run() {
  if printed=$("$@" 2>/dev/null); then printf "%s\\n" "${separator}$*" "$printed" ""; fi
}
exec 2>/dev/null
echo "${separator}${system}"
uname -s
uname -r
uname -m
nproc || getconf _NPROCESSORS_ONLN
echo
${findProgram} && { echo "${separator}ollama --version"; "$program" --version; echo; }
if [ "$(uname -s)" = Darwin ]; then
${runCommands(macCommands)}
else
for file in ${linuxFiles.join(' ')}; do
  if [ -r "$file" ]; then echo "${separator}$file"; cat "$file"; echo; fi
done
for module in /sys/module/*; do echo "${separator}$module"; done
${runCommands(linuxCommands)}
fi
true`

/**
 * Access to the machine of the snapshot. Undefined for a system that exp does not support.
 * @param text what the script printed
 */
export function snapshotTools(text: string): MachineTools | undefined {
  const [, ...sections] = text.split(new RegExp(`^${separator}`, 'm'))
  const contents = new Map(
    sections.map((section) => {
      const end = section.indexOf('\n')
      return [section.slice(0, end), section.slice(end + 1).replace(/\n$/, '')] as const
    }),
  )
  const lines = contents.get(system)?.split('\n') ?? []
  const [name = '', kernel = '', architecture = '', cpus = ''] = lines
  const platform = { Linux: 'linux', Darwin: 'darwin' }[name]
  if (platform !== 'linux' && platform !== 'darwin') return undefined
  return {
    platform,
    architecture,
    kernel,
    cpuCount: Number(cpus),
    readText: (path) => {
      const content = contents.get(path)
      return content === undefined
        ? Promise.reject(new Error(`${path} cannot be read`))
        : Promise.resolve(content)
    },
    list: (folder) => {
      const below = [...contents.keys()].filter((path) => path.startsWith(`${folder}/`))
      const names = below.map((path) => path.slice(folder.length + 1).split('/')[0] ?? '')
      return Promise.resolve([...new Set(names)].sort())
    },
    run: (file, args) => {
      const printed = contents.get([file, ...args].join(' '))
      return printed === undefined
        ? Promise.reject(new CommandFailure('not-installed', `\`${file}\` is not installed`))
        : Promise.resolve(printed)
    },
  }
}
