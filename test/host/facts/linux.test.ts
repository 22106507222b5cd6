import { describe, expect, it } from 'vitest'
import {
  parseCpuList,
  parseCpuModel,
  parseMeminfo,
  parseOsRelease,
} from '../../../src/host/facts/linux.ts'
import { machineFact } from '../../../src/host/facts/machine-facts.ts'
import { readMachine } from '../../../src/host/facts/machine.ts'
import { systemTools } from '../../../src/host/machine-tools.ts'
import { recordedTools } from '../recorded-machine.ts'

const cpu = '/sys/devices/system/cpu'

/** A laptop with two performance cores of two threads each and four efficiency cores, on battery. */
const laptop = recordedTools({
  platform: 'linux',
  files: {
    '/etc/os-release': 'NAME="Ubuntu"\nPRETTY_NAME="Ubuntu 24.04.1 LTS"\nID=ubuntu\n',
    '/proc/cpuinfo':
      'processor\t: 0\nvendor_id\t: GenuineIntel\nmodel name\t: 12th Gen Intel(R) Core(TM) i5-1235U\nstepping\t: 4\n',
    '/proc/meminfo':
      'MemTotal:       16077500 kB\nMemFree:          812340 kB\nMemAvailable:    9000000 kB\nSwapTotal:       2097148 kB\nSwapFree:        2000000 kB\n',
    '/proc/vmstat': 'nr_free_pages 203085\npswpin 1234\npswpout 5678\n',
    '/proc/loadavg': '0.52 0.58 0.59 1/823 12345\n',
    [`${cpu}/online`]: '0-7\n',
    ...Object.fromEntries(
      ['0-1', '0-1', '2-3', '2-3', '4', '5', '6', '7'].map((siblings, index) => [
        `${cpu}/cpu${index}/topology/thread_siblings_list`,
        `${siblings}\n`,
      ]),
    ),
    '/sys/devices/cpu_core/cpus': '0-3\n',
    '/sys/devices/cpu_atom/cpus': '4-7\n',
    [`${cpu}/cpu0/thermal_throttle/core_throttle_count`]: '3\n',
    [`${cpu}/cpu1/thermal_throttle/core_throttle_count`]: '4\n',
    '/sys/class/thermal/thermal_zone0/temp': '48000\n',
    '/sys/class/thermal/thermal_zone1/temp': '71500\n',
    '/sys/class/power_supply/AC/type': 'Mains\n',
    '/sys/class/power_supply/AC/online': '0\n',
    '/sys/class/power_supply/BAT0/type': 'Battery\n',
    '/sys/class/power_supply/BAT0/status': 'Discharging\n',
    '/sys/class/power_supply/hidpp_battery_0/type': 'Battery\n',
    '/sys/class/power_supply/hidpp_battery_0/scope': 'Device\n',
    '/sys/class/power_supply/hidpp_battery_0/status': 'Full\n',
  },
  commands: {
    'nvidia-smi --query-gpu=name,memory.total,driver_version --format=csv,noheader':
      'NVIDIA GeForce RTX 4090, 24564 MiB, 550.54.14\nNVIDIA GeForce GTX 1080 Ti, 11264 MiB, 550.54.14\n',
  },
})

describe('readMachine on Linux', () => {
  it('reads each fact once, from files and nvidia-smi', async () => {
    const readings = await readMachine(laptop)
    expect(Object.assign({}, ...readings.map(({ facts }) => facts))).toEqual({
      hostArchitecture: 'x86_64',
      cpuCount: 8,
      hostOs: 'Ubuntu 24.04.1 LTS, kernel 6.1.0-40-amd64',
      cpuModel: '12th Gen Intel(R) Core(TM) i5-1235U',
      physicalCores: 6,
      performanceCores: 2,
      efficiencyCores: 4,
      memoryBytes: 16077500 * 1024,
      memoryFreeBytes: 9000000 * 1024,
      swapUsedBytes: 97148 * 1024,
      swapInPages: 1234,
      loadAverage: 0.52,
      powerSource: 'battery',
      thermalState: '72 °C, slowed for heat 7 times since start',
      gpu: 'NVIDIA GeForce RTX 4090 24564 MiB (driver 550.54.14); NVIDIA GeForce GTX 1080 Ti 11264 MiB (driver 550.54.14)',
    })
    expect(readings.flatMap(({ missing }) => Object.keys(missing))).toEqual([])
  })

  it('gives the reason for every fact that it cannot read', async () => {
    const readings = await readMachine(
      recordedTools({ platform: 'linux', files: { [`${cpu}/online`]: '0\n' } }),
    )
    expect(Object.assign({}, ...readings.map((r) => r.missing))).toMatchObject({
      memoryBytes: '/proc/meminfo cannot be read',
      powerSource: 'no power supply is listed',
      performanceCores: 'the kernel does not distinguish kinds of cores',
      gpu: '`nvidia-smi` is not installed',
    })
  })

  it('says that there is no GPU if neither nvidia-smi nor the kernel knows one', async () => {
    const gpuOf = async (...modules: readonly string[]) => {
      const files = Object.fromEntries(modules.map((name) => [`/sys/module/${name}/uevent`, '']))
      const readings = await readMachine(recordedTools({ platform: 'linux', files }))
      return machineFact(readings, 'gpu')
    }
    expect(await gpuOf('kernel', 'virtio_net')).toBe('none')
    expect(await gpuOf('kernel', 'amdgpu')).toBeUndefined()
    expect(await gpuOf()).toBeUndefined()
  })

  it('reads only the facts that change if the caller requests it', async () => {
    const readings = await readMachine(laptop, 'changing')
    expect(machineFact(readings, 'memoryFreeBytes')).toBe(9000000 * 1024)
    expect(readings.map(({ source }) => source)).not.toContain('/proc/cpuinfo')
  })

  it.runIf(process.platform === 'linux')('reads the machine that runs this test', async () => {
    const readings = await readMachine(systemTools())
    expect(machineFact(readings, 'cpuCount')).toBeGreaterThan(0)
    expect(machineFact(readings, 'memoryBytes')).toBeGreaterThan(2 ** 28)
    expect(machineFact(readings, 'loadAverage')).toBeGreaterThanOrEqual(0)
    for (const { facts, missing } of readings)
      expect(Object.keys(facts).length + Object.keys(missing).length).toBeGreaterThan(0)
  })
})

describe('the parsers for Linux', () => {
  it('expand ranges in a list of CPUs', () => {
    expect(parseCpuList('0-3,8,10-11\n')).toEqual([0, 1, 2, 3, 8, 10, 11])
    expect(parseCpuList('\n')).toEqual([])
  })

  it('name an ARM core by its vendor and part', () => {
    const cpuinfo =
      'processor\t: 0\nCPU implementer\t: 0x41\nCPU architecture: 8\nCPU part\t: 0xd0c\n'
    expect(parseCpuModel(cpuinfo)).toBe('ARM 0x41 part 0xd0c')
    expect(parseCpuModel('processor : 0\n')).toBeUndefined()
  })

  it('omit facts that are absent from the text instead of returning 0', () => {
    expect(parseMeminfo('MemTotal: 100 kB\n')).toEqual({ memoryBytes: 102400 })
    expect(parseOsRelease('', '6.1')).toEqual({ hostOs: 'Linux, kernel 6.1' })
  })
})
