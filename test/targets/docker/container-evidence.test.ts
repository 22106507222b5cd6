import { describe, expect, it } from 'vitest'
import { cpuStatPaths, parseCpuStat } from '../../../src/targets/docker/container-evidence.ts'

describe('parseCpuStat', () => {
  it('converts microseconds, as in version 2 of cgroups', () => {
    expect(
      parseCpuStat(
        'usage_usec 5000000\nuser_usec 4000000\nsystem_usec 1000000\nnr_periods 200\nnr_throttled 150\nthrottled_usec 7500000\nnr_bursts 0\nburst_usec 0\n',
      ),
    ).toEqual({ containerPeriods: 200, containerThrottledPeriods: 150, containerThrottledMs: 7500 })
  })

  it('converts nanoseconds, as in version 1 of cgroups', () => {
    expect(parseCpuStat('nr_periods 200\nnr_throttled 150\nthrottled_time 7500000000\n')).toEqual({
      containerPeriods: 200,
      containerThrottledPeriods: 150,
      containerThrottledMs: 7500,
    })
  })

  it('returns undefined, not zero, if the counters are absent', () => {
    expect(parseCpuStat('usage_usec 5000000\n')).toBeUndefined()
    expect(parseCpuStat('')).toBeUndefined()
  })
})

describe('cpuStatPaths', () => {
  it('lists the possible paths for the cgroup of a process', () => {
    expect(cpuStatPaths('12:memory:/docker/abc\n4:cpu,cpuacct:/docker/abc\n0::/system\n')).toEqual([
      '/sys/fs/cgroup/cpu/docker/abc/cpu.stat',
      '/sys/fs/cgroup/cpu,cpuacct/docker/abc/cpu.stat',
      '/sys/fs/cgroup/system/cpu.stat',
      '/sys/fs/cgroup/unified/system/cpu.stat',
    ])
    expect(cpuStatPaths('0::/system.slice/docker-abc.scope\n')[0]).toBe(
      '/sys/fs/cgroup/system.slice/docker-abc.scope/cpu.stat',
    )
    expect(cpuStatPaths('')).toEqual([])
  })
})
