import { describe, expect, it } from 'vitest'
import {
  counterGrowth,
  energyCounter,
  parsePowerDraw,
  parsePowermetrics,
  powermetricsReader,
} from '../../../src/host/resources/power.ts'
import { recordedTools } from '../recorded-machine.ts'

const powercap = '/sys/class/powercap'

/** Files of Linux's energy counters: two packages, the memory of one of them, and zones that these include. */
function zones(): Record<string, string> {
  const names = {
    'intel-rapl:0': 'package-0',
    'intel-rapl:0:0': 'core',
    'intel-rapl:0:1': 'dram',
    'intel-rapl:1': 'package-1',
    'intel-rapl:2': 'psys',
    'intel-rapl-mmio:0': 'package-0',
  }
  return Object.fromEntries(
    Object.entries(names).flatMap(([zone, name]) => [
      [`${powercap}/${zone}/name`, `${name}\n`],
      [`${powercap}/${zone}/energy_uj`, '1000000\n'],
      [`${powercap}/${zone}/max_energy_range_uj`, '262143328850\n'],
    ]),
  )
}

describe('the energy counters of Linux', () => {
  it('count from the first reading, over all packages and their memory', async () => {
    const files = zones()
    const read = energyCounter(recordedTools({ platform: 'linux', files }))
    expect(await read()).toBe(0)
    files[`${powercap}/intel-rapl:0/energy_uj`] = '3000000\n'
    files[`${powercap}/intel-rapl:0:0/energy_uj`] = '2000000\n'
    files[`${powercap}/intel-rapl:0:1/energy_uj`] = '1500000\n'
    files[`${powercap}/intel-rapl:2/energy_uj`] = '9000000\n'
    expect(await read()).toBe(2.5)
    files[`${powercap}/intel-rapl:1/energy_uj`] = '5000000\n'
    expect(await read()).toBe(6.5)
  })

  it('continue when a counter starts again at 0', async () => {
    const files = zones()
    files[`${powercap}/intel-rapl:0/energy_uj`] = '262143000000\n'
    const read = energyCounter(recordedTools({ platform: 'linux', files }))
    await read()
    files[`${powercap}/intel-rapl:0/energy_uj`] = '671150\n'
    expect(await read()).toBe(1)
    expect(counterGrowth(262_143_000_000, 671_150, 262_143_328_850)).toBe(1_000_000)
    expect(counterGrowth(5, 5, 100)).toBe(0)
  })

  it('say why there is no energy', async () => {
    const none = energyCounter(recordedTools({ platform: 'linux' }))
    await expect(none()).rejects.toThrow('shows no energy counter')
    // what a reader without root gets
    const files = Object.fromEntries(
      Object.entries(zones()).filter(([file]) => file !== `${powercap}/intel-rapl:0/energy_uj`),
    )
    const forbidden = energyCounter(recordedTools({ platform: 'linux', files }))
    await expect(forbidden()).rejects.toThrow('only root may read the energy counters')
  })
})

describe('the power of NVIDIA GPUs', () => {
  // not recorded: lines in the form that NVIDIA documents for `csv,noheader,nounits`
  it('is the sum over all GPUs', () => {
    expect(parsePowerDraw('61.37\n')).toBe(61.37)
    expect(parsePowerDraw('35.25\n250.50\n')).toBe(285.75)
  })

  it.each(['', '[N/A]\n', '[Not Supported]\n', '61.37\n[Unknown Error]\n'])(
    'is unknown if a GPU does not report it: %j',
    (csv) => {
      expect(() => parsePowerDraw(csv)).toThrow('does not report its power to `nvidia-smi`')
    },
  )
})

/** Recorded: parts of outputs that users of `powermetrics` published, from two Macs put together. */
const appleSilicon = `Machine model: Mac14,2
OS version: 25C56
Boot arguments:
Boot time: Thu Sep 10 23:42:17 2026



*** Sampled system activity (Fri Sep 11 13:41:46 2026 -0700) (1002.90ms elapsed) ***


**** Processor usage ****

E-Cluster HW active frequency: 1248 MHz
E-Cluster HW active residency:  77.43% (600 MHz:   0% 912 MHz:  54% 2424 MHz: 8.7%)
CPU Power: 954 mW
GPU Power: 28 mW
ANE Power: 0 mW
Combined Power (CPU + GPU + ANE): 983 mW

**** GPU usage ****

GPU HW active frequency: 338 MHz
GPU Power: 28 mW
`
/** Recorded likewise. */
const intel = `*** Sampled system activity (Tue Sep 29 19:44:14 2026 +0800) (1001.02ms elapsed) ***


**** Processor usage ****

Intel energy model derived package power (CPUs+GT+SA): 12.39W

LLC flushed residency: 12.5%
`

describe('powermetrics', () => {
  it('is read on Apple silicon and on Intel', () => {
    expect(parsePowermetrics(appleSilicon)).toEqual({
      taken: '(Fri Sep 11 13:41:46 2026 -0700) (1002.90ms elapsed) ***',
      watts: 0.983,
    })
    expect(parsePowermetrics(intel)?.watts).toBe(12.39)
  })

  it('is read to the newest sample that is complete', () => {
    const next = appleSilicon.replace('13:41:46', '13:41:47').replace('983 mW', '4321 mW')
    expect(parsePowermetrics(appleSilicon + next)?.watts).toBe(4.321)
    const cut = next.slice(0, next.indexOf('CPU Power'))
    expect(parsePowermetrics(appleSilicon + cut)?.watts).toBe(0.983)
    expect(parsePowermetrics('CPU Power: 5 mW\n')).toBeUndefined()
  })

  it('gives a power only once for each sample in its file', async () => {
    const commands = { 'tail -c 65536 /tmp/power.log': appleSilicon }
    const tools = recordedTools({ platform: 'darwin', commands })
    const read = powermetricsReader('/tmp/power.log', tools)
    expect(await read()).toBe(0.983)
    await expect(read()).rejects.toThrow('no new sample')
    commands['tail -c 65536 /tmp/power.log'] += appleSilicon.replace('13:41:46', '13:41:47')
    expect(await read()).toBe(0.983)
  })

  it('is asked for with the command that starts it, if no file is given', async () => {
    const tools = recordedTools({ platform: 'darwin' })
    await expect(powermetricsReader(undefined, tools)()).rejects.toThrow(
      'run `sudo powermetrics --samplers cpu_power,gpu_power -i 1000 -o FILE`',
    )
    await expect(powermetricsReader('/none', tools)()).rejects.toThrow('cannot be read')
  })
})
