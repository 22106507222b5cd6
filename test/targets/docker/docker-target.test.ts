import { execFile } from 'node:child_process'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { Ollama } from 'ollama'
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import type { MeasuredConfig } from '../../../src/experiment/experiment.ts'
import { systemTools } from '../../../src/host/machine-tools.ts'
import type { MachineTools } from '../../../src/host/machine-tools.ts'
import { resourceSampler, type ResourceReading } from '../../../src/host/resources/sampler.ts'
import { ownerLabel, modelVolume } from '../../../src/targets/docker/create-arguments.ts'
import type { DockerSettings } from '../../../src/targets/docker/create-arguments.ts'
import { parseMemoryUsage } from '../../../src/targets/docker/container.ts'
import { DockerTarget } from '../../../src/targets/docker/docker-target.ts'
import type { Observation, RunningTarget } from '../../../src/targets/target.ts'
import { hasDocker, importEngineImage } from '../../support/engine-image.ts'
import { engineVersion } from '../../support/ollama-program.ts'
import { configFor } from '../config.ts'

const { signal } = new AbortController()
const model = 'qwen3:0.6b'
const image = `exp-notebook-test-engine-${process.pid}`
const docker = async (...args: readonly string[]) =>
  (await promisify(execFile)('docker', [...args])).stdout.trim()
const isDockerRunning = await hasDocker()
const stateFolder = await mkdtemp(join(tmpdir(), 'exp-docker-state-'))
vi.setConfig({ testTimeout: 300_000, hookTimeout: 300_000 })

function config(
  settings: Partial<DockerSettings> = {},
  changes: Partial<MeasuredConfig> = {},
): MeasuredConfig {
  return {
    ...configFor({ kind: 'docker', image, pull: false, ...settings }),
    options: { num_ctx: 512 },
    env: { OLLAMA_NUM_PARALLEL: '2', EXP_EMBEDDED_MODELS: model },
    ...changes,
  }
}

function target(tools: MachineTools = systemTools()): DockerTarget {
  return new DockerTarget({ tools, stateFolder, folder: tmpdir(), onPull: () => undefined })
}

/** The containers of this test; another `exp` may have its own. */
const containers = () =>
  docker('ps', '--all', '--quiet', `--filter=label=${ownerLabel}`, `--filter=ancestor=${image}`)

function factsOf(observations: readonly Observation[]): Record<string, unknown> {
  return Object.assign({}, ...observations.map(({ facts }) => facts)) as Record<string, unknown>
}

/** The memory that is sampled is about as large as what `docker stats` prints. */
async function expectMemoryLike(source: string, { processes }: RunningTarget): Promise<void> {
  const readings: ResourceReading[] = []
  await resourceSampler(processes, systemTools(), undefined)((reading) => readings.push(reading))
  const sampled = readings.find(({ facts }) => facts.residentBytes !== undefined)
  const shown = parseMemoryUsage(
    await docker('stats', '--no-stream', '--format={{.MemUsage}}', await containers()),
  )
  // Resident memory includes pages of files, `docker stats` includes memory of the kernel.
  expect(Number(sampled?.facts.residentBytes) / shown, source).toBeGreaterThan(0.5)
  expect(Number(sampled?.facts.residentBytes) / shown, source).toBeLessThan(3)
}

async function busy(url: string, requests: number): Promise<void> {
  const client = new Ollama({ host: url })
  for (let request = 0; request < requests; request += 1)
    await client.generate({
      model,
      prompt: `${request} `.repeat(60),
      options: { num_ctx: 512, num_predict: 40 },
    })
}

describe.skipIf(!isDockerRunning)('DockerTarget (skipped if no Docker engine is running)', () => {
  beforeAll(() => importEngineImage(image))
  afterAll(async () => {
    await docker('image', 'rm', '--force', image)
    await rm(stateFolder, { recursive: true, force: true })
    await docker('volume', 'rm', '--force', modelVolume).catch(() => undefined)
  })

  const running: RunningTarget[] = []
  afterEach(async () => {
    for (const target of running.splice(0)) await target.stop()
    // This fails if another `exp` on this machine uses it.
    await docker('volume', 'rm', '--force', modelVolume).catch(() => undefined)
  })
  const start = async (requested: MeasuredConfig, tools?: MachineTools): Promise<RunningTarget> => {
    const started = await target(tools).start(requested, signal)
    running.push(started)
    return started
  }

  it('runs the container with the requested limits and settings, observes its throttling, and removes it', async () => {
    const started = await start(config({ cpus: 0.5, memory: '1g' }))
    const before = factsOf(await started.observe('before', signal))
    expect(before).toMatchObject({
      serverVersion: engineVersion,
      slots: 2,
      contextTotal: 1024,
      contextLength: 512,
      containerImage: image,
      containerImageDigest: expect.stringMatching(/^sha256:[0-9a-f]{64}$/) as string,
      containerArchitecture: process.arch === 'x64' ? 'amd64' : process.arch,
      containerOs: 'linux',
      containerCpus: 0.5,
      containerMemoryBytes: 2 ** 30,
      containerDeviceRequests: '[]',
      engineCpus: Number(await docker('info', '--format={{.NCPU}}')),
      engineMemoryBytes: Number(await docker('info', '--format={{.MemTotal}}')),
      engineVersion: expect.stringMatching(/^\d+\./) as string,
      loadCount: 0,
    })
    expect(new URL(started.url).hostname).toBe('127.0.0.1')
    const [id = ''] = (await containers()).split('\n')
    const published = await docker('port', id, '11434/tcp')
    expect(published).toBe(new URL(started.url).host)
    await expectMemoryLike('docker stats', started)

    let after = before
    const increaseOf = (name: string) => Number(after[name]) - Number(before[name])
    // On a busy machine, the container reaches its limit only now and then.
    for (let tries = 0; tries < 20 && !(increaseOf('containerThrottledMs') > 0); tries += 1) {
      await Promise.all([busy(started.url, 4), busy(started.url, 4), busy(started.url, 4)])
      after = factsOf(await started.observe('after', signal))
    }
    expect(increaseOf('containerPeriods')).toBeGreaterThan(0)
    expect(increaseOf('containerThrottledPeriods')).toBeGreaterThan(0)
    expect(increaseOf('containerThrottledMs')).toBeGreaterThan(0)
    expect(after).toMatchObject({ loadCount: 0, crashes: 0 })

    await started.stop()
    await started.stop()
    const [log = ''] = await readdir(join(stateFolder, 'logs'))
    expect(await readFile(join(stateFolder, 'logs', log), 'utf8')).toContain('server config')
    expect(await containers()).toBe('')
    expect(await docker('volume', 'ls', '--quiet', `--filter=name=${modelVolume}`)).toBe(
      modelVolume,
    )
  })

  it('reads the counters inside the container if this machine cannot see them', async () => {
    const tools = systemTools()
    const withoutCgroups = {
      ...tools,
      readText: (path) =>
        path.endsWith('/cgroup') ? Promise.reject(new Error('not here')) : tools.readText(path),
    } satisfies MachineTools
    const started = await start(config({ cpus: 0.5 }), withoutCgroups)
    expect(started.processes).toMatchObject({ kind: 'container', source: 'docker stats' })
    await expectMemoryLike('docker stats', started)
    const facts = factsOf(await started.observe('before', signal))
    expect(facts['containerPeriods']).toBeGreaterThan(0)
  })

  it('reports that the container exited during the trial', async () => {
    const started = await start(config())
    expect(await started.exitReason()).toBeUndefined()
    await docker('kill', (await containers()).split('\n')[0] ?? '')
    await expect
      .poll(() => started.exitReason(), { timeout: 60_000 })
      .toMatch(/^the container ended \(exit code 137\) while it was measured; its log ends: /)
    const after = await started.observe('after', signal)
    expect(factsOf(after)).toMatchObject({ crashes: 1 })
    expect(after.find(({ source }) => source === 'cgroup')?.missing).toMatchObject({
      containerPeriods: 'the container had ended',
    })
    await started.stop()
    expect(await containers()).toBe('')
  })

  it('removes the container if the start is aborted', async () => {
    const stop = new AbortController()
    // A program that waits for its debugger never answers.
    const env = { NODE_OPTIONS: '--inspect-brk' }
    const starting = target().start(config({}, { env }), stop.signal)
    await expect.poll(containers, { timeout: 60_000 }).not.toBe('')
    stop.abort(new Error('enough'))
    await expect(starting).rejects.toThrow()
    expect(await containers()).toBe('')
  })

  describe('check', () => {
    const expectNothingLeft = async () => {
      expect(await containers()).toBe('')
      expect(await docker('volume', 'ls', '--quiet', `--filter=name=${modelVolume}`)).toBe('')
    }

    it('accepts a config that can run', async () => {
      expect(await target().check(config({ memory: '1g' }), signal)).toEqual({
        available: true,
        notes: [],
      })
      await expectNothingLeft()
    })

    it('rejects a missing image and a missing model, with the command that gets it', async () => {
      const missing = await target().check(config({ image: 'exp-no-such:1' }), signal)
      expect(missing).toEqual({
        available: false,
        why: 'the image `exp-no-such:1` is not on this machine',
        fix: 'docker pull exp-no-such:1',
      })
      await expect(target().start(config({ image: 'exp-no-such:1' }), signal)).rejects.toThrow(
        'the image `exp-no-such:1` is not on this machine',
      )
      const other = await target().check(config({}, { model: { name: 'llama3:8b' } }), signal)
      expect(other).toMatchObject({
        available: false,
        why: 'the model `llama3:8b` is not in the volume `exp-notebook-models`',
        fix: `set \`pull: true\` in the target, or pull it into the volume: \`docker run --detach --name exp-pull --volume exp-notebook-models:/root/.ollama/models ${image} && docker exec exp-pull ollama pull llama3:8b; docker rm --force exp-pull\``,
      })
      await expect(
        target().start(config({}, { model: { name: 'llama3:8b' } }), signal),
      ).rejects.toThrow('the model `llama3:8b` is not in the volume `exp-notebook-models`')
      await docker('volume', 'rm', modelVolume)
      await expectNothingLeft()
    })

    it('names a mounted folder that is empty, and creates nothing in it', async () => {
      const models = await mkdtemp(join(tmpdir(), 'exp-empty-models-'))
      expect(await target().check(config({ models }), signal)).toMatchObject({
        available: false,
        why: `the model store \`${models}\` does not have the model \`${model}\``,
      })
      expect(await readdir(models)).toEqual([])
      await rm(models, { recursive: true })
      await expectNothingLeft()
    })

    it('rejects a model with another digest than the pinned one', async () => {
      const pinned = config({}, { model: { name: model, digest: '0f1e2d3c4b5a' } })
      expect(await target().check(pinned, signal)).toMatchObject({
        available: false,
        why: expect.stringMatching(
          /^the server has `qwen3:0.6b` with the digest `[0-9a-f]{12}`, but the file pins `0f1e2d3c4b5a`$/,
        ) as string,
      })
      await expectNothingLeft()
    })

    it('rejects a container that exits, with the last lines of its log', async () => {
      const env = { NODE_OPTIONS: '--require=/no/such/file' }
      const ended = await target().check(config({}, { env }), signal)
      expect(ended).toMatchObject({
        available: false,
        why: expect.stringMatching(
          /^the container ended \(exit code 1\).*its log ends: .*Cannot find module/,
        ) as string,
      })
      await expectNothingLeft()
    })

    it('passes no hostile name to docker', async () => {
      for (const name of ['--privileged', 'x; rm -rf', '-v=/:/host'])
        expect(await target().check(config({ image: name }), signal)).toMatchObject({
          available: false,
          why: `\`${name}\` cannot be the name of an image`,
        })
      expect(await target().check(config({ memory: 'lots' }), signal)).toMatchObject({
        available: false,
        why: expect.stringContaining('invalid') as string,
      })
      await expectNothingLeft()
    })
  })
})
