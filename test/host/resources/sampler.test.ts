import { describe, expect, it } from 'vitest'
import { systemTools } from '../../../src/host/machine-tools.ts'
import {
  resourceSampler,
  type ResourceReading,
  type SampleResources,
} from '../../../src/host/resources/sampler.ts'
import { recordedTools } from '../recorded-machine.ts'

async function readingsOf(sample: SampleResources): Promise<readonly ResourceReading[]> {
  const readings: ResourceReading[] = []
  await sample((reading) => readings.push(reading))
  return readings
}

/** A Linux machine with an NVIDIA GPU, on which a server with one runner, and another program, use that GPU. */
function gpuMachine() {
  const status = (pid: number, parent: number, kilobytes: number) =>
    `Pid:\t${pid}\nPPid:\t${parent}\nVmRSS:\t${kilobytes} kB\n`
  return {
    files: {
      '/proc/10/status': status(10, 1, 1000),
      '/proc/11/status': status(11, 10, 3000),
      '/proc/12/status': status(12, 1, 7000),
      '/proc/meminfo': 'MemTotal: 1 kB\n',
    } as Record<string, string>,
    commands: {
      'nvidia-smi --query-compute-apps=pid,used_memory --format=csv,noheader,nounits':
        '11, 2048\n12, 512\n',
      'nvidia-smi --query-gpu=power.draw --format=csv,noheader,nounits': '61.37\n',
    },
  }
}

describe('a sample of resources', () => {
  it('has the memory of this process, from the real system', async () => {
    const sample = resourceSampler({ kind: 'process', pid: process.pid }, systemTools(), undefined)
    const first = await readingsOf(sample)
    const resident = first.find(({ facts }) => facts.residentBytes !== undefined)
    expect(resident?.source).toBe(process.platform === 'linux' ? '/proc' : 'ps')
    expect(resident?.facts.residentBytes).toBeGreaterThan(process.memoryUsage().rss / 2)
  })

  it('has the memory of the server alone, and the power of all GPUs', async () => {
    const tools = recordedTools({ platform: 'linux', ...gpuMachine() })
    const readings = await readingsOf(
      resourceSampler({ kind: 'process', pid: 10 }, tools, undefined),
    )
    expect(readings).toContainEqual({ source: '/proc', facts: { residentBytes: 4000 * 1024 } })
    expect(readings).toContainEqual({
      source: 'nvidia-smi',
      facts: { gpuMemoryBytes: 2048 * 2 ** 20 },
    })
    expect(readings).toContainEqual({ source: 'nvidia-smi', facts: { gpuWatts: 61.37 } })
  })

  it('names each fact that the machine cannot report once, with the reason, and does not ask again', async () => {
    const { files } = gpuMachine()
    const asked: string[] = []
    const recorded = recordedTools({ platform: 'linux', files })
    const tools = {
      ...recorded,
      run: (file: string, args: readonly string[]) => {
        asked.push(file)
        return recorded.run(file, args)
      },
    }
    const sample = resourceSampler({ kind: 'process', pid: 10 }, tools, undefined)
    expect(await readingsOf(sample)).toContainEqual({
      source: 'nvidia-smi',
      facts: {},
      missing: { gpuWatts: '`nvidia-smi` is not installed' },
    })
    expect(asked.toSorted()).toEqual(['nvidia-smi', 'nvidia-smi', 'rocm-smi'])
    expect(await readingsOf(sample)).toEqual([
      { source: '/proc', facts: { residentBytes: 4000 * 1024 } },
    ])
    expect(asked).toHaveLength(3)
  })

  it('leaves out a source that fails only later, and asks it again', async () => {
    const { files } = gpuMachine()
    const sample = resourceSampler(
      { kind: 'process', pid: 10 },
      recordedTools({ platform: 'linux', files }),
      undefined,
    )
    await readingsOf(sample)
    const status = files['/proc/10/status'] ?? ''
    delete files['/proc/10/status']
    expect(await readingsOf(sample)).toEqual([])
    files['/proc/10/status'] = status
    expect(await readingsOf(sample)).toHaveLength(1)
  })

  it('has the memory of a container that the engine reports', async () => {
    const tools = recordedTools({ platform: 'darwin' })
    const container = {
      kind: 'container',
      source: 'docker stats',
      residentBytes: () => Promise.resolve(5e9),
      isLocal: true,
    } as const
    const readings = await readingsOf(resourceSampler(container, tools, undefined))
    expect(readings).toContainEqual({ source: 'docker stats', facts: { residentBytes: 5e9 } })
    expect(readings.find(({ missing }) => missing?.processorWatts)?.missing).toMatchObject({
      processorWatts: expect.stringContaining('sudo powermetrics') as unknown,
    })
  })

  it('has nothing of a server on another machine, not even the energy of this one', async () => {
    const tools = recordedTools({ platform: 'linux', ...gpuMachine() })
    const why = 'the server may run on another machine'
    const readings = await readingsOf(
      resourceSampler({ kind: 'unknown', why, isLocal: false }, tools, undefined),
    )
    const container = {
      kind: 'container',
      source: 'docker stats',
      residentBytes: () => Promise.resolve(5e9),
      isLocal: false,
    } as const
    const ofContainer = await readingsOf(resourceSampler(container, tools, undefined))
    expect(ofContainer.map(({ facts }) => facts)).toEqual([{ residentBytes: 5e9 }, {}, {}])
    expect(readings.map(({ facts }) => facts)).toEqual([{}, {}, {}])
    expect(Object.assign({}, ...readings.map(({ missing }) => missing))).toEqual({
      residentBytes: why,
      gpuMemoryBytes: why,
      packageJoules: why,
    })
  })
})
