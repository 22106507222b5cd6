import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { machineId, readMachine } from '../../../src/host/facts/machine.ts'
import {
  parseMemoryPressure,
  parsePower,
  parsePowerMode,
  parseSwapAndLoad,
  parseSysctl,
  parseThermal,
} from '../../../src/host/facts/mac.ts'
import { recordedTools } from '../recorded-machine.ts'

/** What a command printed on a Mac; the folder says where. */
const recorded = (file: string) => readFileSync(`test/fixtures/mac/${file}`, 'utf8')

const sysctl =
  'sysctl -i machdep.cpu.brand_string hw.physicalcpu hw.perflevel0.physicalcpu hw.perflevel1.physicalcpu hw.memsize sysctl.proc_translated'

const macBook = recordedTools({
  platform: 'darwin',
  architecture: 'arm64',
  commands: {
    sw_vers: 'ProductName:\t\tmacOS\nProductVersion:\t\t15.1\nBuildVersion:\t\t24B83\n',
    [sysctl]:
      'machdep.cpu.brand_string: Apple M1 Pro\nhw.physicalcpu: 8\nhw.perflevel0.physicalcpu: 6\nhw.perflevel1.physicalcpu: 2\nhw.memsize: 34359738368\nsysctl.proc_translated: 0\n',
    'sysctl -i vm.swapusage vm.loadavg':
      'vm.swapusage: total = 2048.00M  used = 1024.25M  free = 1023.75M  (encrypted)\nvm.loadavg: { 2.01 2.33 2.10 }\n',
    vm_stat: [
      'Mach Virtual Memory Statistics: (page size of 16384 bytes)',
      'Pages free:                               10000.',
      'Pages active:                            750000.',
      'Pages inactive:                          700000.',
      'Pages speculative:                         5000.',
      'Pages throttled:                              0.',
      'Pages wired down:                        200000.',
      'Pages purgeable:                           2000.',
      '"Translation faults":                 987654321.',
      'Swapins:                                    321.',
      'Swapouts:                                   654.',
    ].join('\n'),
    'pmset -g batt':
      "Now drawing from 'AC Power'\n -InternalBattery-0 (id=22085731)\t100%; charged; 0:00 remaining present: true\n",
    'notifyutil -g com.apple.system.thermalpressurelevel':
      'com.apple.system.thermalpressurelevel 0\n',
    'pmset -g therm': recorded('pmset-therm.apple-silicon.txt'),
    'pmset -g': recorded('pmset.lowpowermode.txt'),
    'sysctl -i kern.memorystatus_vm_pressure_level': 'kern.memorystatus_vm_pressure_level: 1\n',
    'system_profiler -json SPDisplaysDataType': JSON.stringify({
      SPDisplaysDataType: [
        {
          _name: 'Apple M1 Pro',
          spdisplays_mtlgpufamilysupport: 'spdisplays_metal3',
          spdisplays_ndrvs: [{ _name: 'Color LCD' }],
          sppci_bus: 'spdisplays_builtin',
          sppci_cores: '16',
          sppci_device_type: 'spdisplays_gpu',
          sppci_model: 'Apple M1 Pro',
        },
      ],
    }),
    'ioreg -rd1 -c IOPlatformExpertDevice':
      '+-o J314sAP  <class IOPlatformExpertDevice>\n    {\n      "IOPlatformUUID" = "A1B2C3D4-0000-1111-2222-333344445555"\n      "IOPlatformSerialNumber" = "C02XXXXXXXXX"\n    }\n',
  },
})

describe('readMachine on macOS', () => {
  it('reads each fact from tools that need no root', async () => {
    const readings = await readMachine(macBook)
    expect(Object.assign({}, ...readings.map(({ facts }) => facts))).toEqual({
      hostArchitecture: 'arm64',
      cpuCount: 8,
      hostOs: 'macOS 15.1 (24B83)',
      cpuModel: 'Apple M1 Pro',
      physicalCores: 8,
      performanceCores: 6,
      efficiencyCores: 2,
      memoryBytes: 34359738368,
      swapUsedBytes: 1074003968,
      loadAverage: 2.01,
      memoryFreeBytes: 717000 * 16384,
      swapInPages: 321,
      powerSource: 'ac',
      powerMode: 'automatic',
      memoryPressure: 'normal',
      thermalState: 'nominal',
      gpu: 'Apple M1 Pro, 16 cores, metal3',
    })
  })

  it('gives the machine an id that contains neither its UUID nor its serial number', async () => {
    const id = await machineId(macBook)
    expect(id).toMatch(/^[0-9a-f]{12}$/)
    expect(await machineId(macBook)).toBe(id)
    expect(await machineId(recordedTools({ platform: 'darwin' }))).not.toBe(id)
  })
})

describe('the parsers for macOS', () => {
  it('note in the CPU model that this process runs under Rosetta', () => {
    const text = 'machdep.cpu.brand_string: Apple M2\nsysctl.proc_translated: 1\n'
    expect(parseSysctl(text)).toEqual({ cpuModel: 'Apple M2 (this process runs under Rosetta)' })
  })

  it('return the limits that throttle a hot machine', () => {
    expect(parseThermal('', recorded('pmset-therm.intel.txt'))).toEqual({
      thermalState: 'CPU_Speed_Limit 35 %',
    })
    expect(parseThermal('', '')).toEqual({})
  })

  it('call a Mac nominal only by its thermal pressure: without a warning of pmset, the state is unknown', () => {
    const pressure = (level: number) => `com.apple.system.thermalpressurelevel ${level}\n`
    const silent = recorded('pmset-therm.apple-silicon.txt')
    expect(parseThermal('', silent)).toEqual({})
    expect(parseThermal(pressure(0), silent)).toEqual({ thermalState: 'nominal' })
    expect(parseThermal(pressure(2), silent)).toEqual({ thermalState: 'heavy thermal pressure' })
    expect(parseThermal(pressure(9), silent)).toEqual({
      thermalState: 'level 9 of thermal pressure',
    })
    expect(parseThermal(pressure(1), 'CPU_Speed_Limit \t= 80\n')).toEqual({
      thermalState: 'moderate thermal pressure, CPU_Speed_Limit 80 %',
    })
  })

  it('read the power mode by either of its names, and know none without them', () => {
    const low = recorded('pmset.lowpowermode.txt').replace(
      'lowpowermode         0',
      'lowpowermode 1',
    )
    expect(parsePowerMode(low)).toEqual({ powerMode: 'low' })
    expect(parsePowerMode(' powermode            2\n')).toEqual({ powerMode: 'high' })
    expect(parsePowerMode(' powermode            7\n')).toEqual({})
    expect(parsePowerMode('Currently in use:\n standby              1\n')).toEqual({})
  })

  it('read the memory pressure, and know none from another number', () => {
    const pressure = recorded('sysctl-pressure.critical.txt')
    expect(parseMemoryPressure(pressure)).toEqual({ memoryPressure: 'critical' })
    expect(parseMemoryPressure(pressure.replace('4', '2'))).toEqual({ memoryPressure: 'warning' })
    expect(parseMemoryPressure(pressure.replace('4', '3'))).toEqual({})
    expect(parseMemoryPressure('')).toEqual({})
  })

  it('give the reason for what a Mac does not say', async () => {
    const readings = await readMachine(
      recordedTools({ platform: 'darwin', commands: { 'pmset -g': 'Currently in use:\n' } }),
    )
    const missing = Object.assign({}, ...readings.map((each) => each.missing)) as object
    expect(missing).toMatchObject({
      powerMode: 'pmset -g does not say',
      memoryPressure: '`sysctl` is not installed',
      thermalState: expect.stringContaining('does not mean that nothing is slowed down') as string,
    })
  })

  it('distinguish battery from mains power', () => {
    expect(parsePower("Now drawing from 'Battery Power'\n")).toEqual({ powerSource: 'battery' })
  })

  it('convert used swap from any unit to bytes', () => {
    expect(
      parseSwapAndLoad('vm.swapusage: total = 0.00M  used = 1.50G  free = 0.00M  (encrypted)'),
    ).toEqual({ swapUsedBytes: 1.5 * 2 ** 30 })
  })
})
