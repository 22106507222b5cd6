import { execFile } from 'node:child_process'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { systemTools } from '../../../src/host/machine-tools.ts'
import { ownerLabel } from '../../../src/targets/docker/create-arguments.ts'
import type { DockerSettings } from '../../../src/targets/docker/create-arguments.ts'
import { DockerTarget } from '../../../src/targets/docker/docker-target.ts'
import { findOrphans } from '../../../src/targets/orphans.ts'
import type { Observation, RunningTarget } from '../../../src/targets/target.ts'
import { importEngineImage } from '../../support/engine-image.ts'
import { engineVersion } from '../../support/ollama-program.ts'
import {
  hasRemoteEngine,
  onRemoteEngine,
  remoteEngine,
  remoteEnvironment,
} from '../../support/remote-engine.ts'
import { configFor } from '../config.ts'

const { signal } = new AbortController()
const model = 'qwen3:0.6b'
const image = `exp-notebook-test-remote-${process.pid}`
const canRun = await hasRemoteEngine()
const stateFolder = await mkdtemp(join(tmpdir(), 'exp-remote-state-'))
vi.setConfig({ testTimeout: 300_000, hookTimeout: 300_000 })

function config(settings: Partial<DockerSettings> = {}) {
  return configFor(
    { kind: 'docker', image, pull: false, context: 'box', ...settings },
    { env: { EXP_EMBEDDED_MODELS: model }, options: { num_ctx: 512 } },
  )
}

function factsOf(observations: readonly Observation[]): Record<string, unknown> {
  return Object.assign({}, ...observations.map(({ facts }) => facts)) as Record<string, unknown>
}

const containers = () =>
  onRemoteEngine(
    'ps',
    '--all',
    '--quiet',
    `--filter=label=${ownerLabel}`,
    `--filter=ancestor=${image}`,
  )

/** The pids of the `ssh` processes of this test that forward a port. */
async function tunnels(): Promise<readonly number[]> {
  const { stdout } = await promisify(execFile)('ps', ['-eo', 'pid=,ppid=,args='])
  return stdout.split('\n').flatMap((line) => {
    const [pid, parent] = line.trim().split(/\s+/).map(Number)
    return parent === process.pid && line.includes(' -L 127.0.0.1:') ? [pid ?? 0] : []
  })
}

describe.skipIf(!canRun)('a Docker context (skipped without `.ci/remote-engine start`)', () => {
  let target: DockerTarget
  const running: RunningTarget[] = []
  beforeAll(async () => {
    for (const [name, value] of Object.entries(await remoteEnvironment())) vi.stubEnv(name, value)
    target = new DockerTarget({
      tools: systemTools(),
      stateFolder,
      folder: tmpdir(),
      onPull: () => undefined,
    })
    await importEngineImage(image, remoteEngine)
  })
  afterEach(async () => {
    for (const each of running.splice(0)) await each.stop()
  })
  afterAll(async () => {
    await onRemoteEngine('image', 'rm', '--force', image)
    await rm(stateFolder, { recursive: true, force: true })
    vi.unstubAllEnvs()
  })
  const start = async (settings: Partial<DockerSettings> = {}) => {
    const started = await target.start(config(settings), signal)
    running.push(started)
    return started
  }

  it('runs the container on the engine behind ssh, and reads the facts of its machine', async () => {
    const availability = await target.check(config(), signal)
    expect(availability).toEqual({
      available: true,
      notes: [],
      machine: { id: expect.stringMatching(/^[0-9a-f]{12}$/) as string, name: 'box', via: 'ssh' },
    })
    const started = await start({ cpus: 1 })
    expect(await containers()).not.toBe('')
    const before = await started.observe('before', signal)
    expect(factsOf(before)).toMatchObject({
      serverVersion: engineVersion,
      containerImage: image,
      containerCpus: 1,
      containerPeriods: expect.any(Number) as number,
      roundTripMs: expect.any(Number) as number,
    })
    const machine = (await started.observeMachine?.('all', signal)) ?? []
    expect(factsOf(machine)).toMatchObject({
      hostOs: expect.stringContaining(', kernel ') as string,
      cpuCount: expect.any(Number) as number,
      cpuModel: expect.any(String) as string,
      memoryBytes: expect.any(Number) as number,
      memoryFreeBytes: expect.any(Number) as number,
      loadAverage: expect.any(Number) as number,
    })
    expect(Object.assign({}, ...machine.map(({ missing }) => missing))).toMatchObject({
      gpu: 'the container was given no GPU',
      physicalCores: 'Docker does not say this of another machine',
      thermalState: 'Docker does not say this of another machine',
    })
    // Process ids of another machine mean nothing here.
    expect(started.processes).toMatchObject({ kind: 'container', isLocal: false })
    expect(await tunnels()).toHaveLength(1)
    await started.stop()
    expect(await tunnels()).toEqual([])
    expect(await containers()).toBe('')
    expect(await readdir(join(stateFolder, 'remote-containers'))).toEqual([])
  })

  it('publishes the port at the address of an engine that is reached over the network', async () => {
    const started = await start({ context: 'network' })
    expect(new URL(started.url).hostname).toBe('172.31.207.1')
    expect(started.processes).toMatchObject({ kind: 'container', isLocal: false })
    expect(factsOf((await started.observeMachine?.('changing', signal)) ?? [])).toMatchObject({
      loadAverage: expect.any(Number) as number,
    })
    expect(await tunnels()).toEqual([])
    await started.stop()
    expect(await containers()).toBe('')
  })

  it('treats a context with a socket of this machine like the engine of this machine', async () => {
    const availability = await target.check(config({ context: 'same' }), signal)
    expect(availability).toEqual({ available: true, notes: [] })
    const started = await start({ context: 'same' })
    expect(started).not.toHaveProperty('observeMachine')
    expect(started.processes).toMatchObject({ kind: 'process' })
  })

  it('says that the connection was lost, and leaves no container behind', async () => {
    const started = await start()
    const [tunnel = 0] = await tunnels()
    process.kill(tunnel, 'SIGKILL')
    await expect
      .poll(() => started.exitReason())
      .toBe('the connection to the Docker context `box` was lost while it was measured')
    const after = await started.observe('after', signal)
    expect(after.find(({ source }) => source === 'server log')?.missing).toMatchObject({
      slots: 'the connection to the Docker context `box` was lost',
    })
    await started.stop()
    expect(await containers()).toBe('')
  })

  it('finds a container that a killed run left on the other engine', async () => {
    await start()
    // As if this process had been killed, and its number were taken by another one.
    const tools = systemTools()
    const otherStart = {
      ...tools,
      readText: async (path: string) => {
        const text = await tools.readText(path)
        return path === `/proc/${process.pid}/stat` ? text.replace(/\d+/g, '1') : text
      },
    }
    expect(await findOrphans(stateFolder, tools)).toEqual([])
    const [orphan] = await findOrphans(stateFolder, otherStart)
    expect(orphan?.name).toMatch(/^container `exp-[0-9a-f]{12}` of /)
    await orphan?.remove()
    expect(await containers()).toBe('')
    await findOrphans(stateFolder, tools)
    expect(await readdir(join(stateFolder, 'remote-containers'))).toEqual([])
  })

  it.each([
    ['no-such', 'there is no Docker context `no-such`'],
    [
      'password',
      'the Docker context `password` cannot be reached by `ssh`: it accepts no key of this user, and exp never asks for a password',
    ],
    [
      'unknown-key',
      'the Docker context `unknown-key` cannot be reached by `ssh`: its host key is not known',
    ],
    [
      'refused',
      'the Docker context `refused` cannot be reached by `ssh`: it refuses the connection',
    ],
    [
      'refused-network',
      'the engine of the Docker context `refused-network` cannot be reached: it does not answer',
    ],
    ['--help', '`--help` cannot be the name of a Docker context'],
  ])('rejects the context %s', async (context, why) => {
    const availability = await target.check(config({ context }), signal)
    expect(availability).toMatchObject({ available: false, why, fix: expect.any(String) as string })
  })

  it.each([
    [
      'DOCKER_HOST',
      'ssh://exp-box',
      '`DOCKER_HOST` names an engine on another machine, and the target names no context',
    ],
    [
      'DOCKER_CONTEXT',
      'network',
      'the current Docker context `network` is an engine on another machine, and the target names no context',
    ],
  ])('rejects the engine of another machine that only %s names', async (name, value, why) => {
    vi.stubEnv(name, value)
    try {
      const here = configFor({ kind: 'docker', image, pull: false })
      expect(await target.check(here, signal)).toMatchObject({
        available: false,
        why,
        fix: expect.stringContaining('into the target') as string,
      })
      expect(await target.check(config(), signal)).toMatchObject({ available: true })
    } finally {
      vi.stubEnv(name, undefined)
    }
  })

  it('names the context of a missing image and model, and wants an absolute folder of models', async () => {
    expect(await target.check(config({ image: 'exp-no-such:1' }), signal)).toEqual({
      available: false,
      why: 'the image `exp-no-such:1` is not in the Docker context `box`',
      fix: 'docker --context box pull exp-no-such:1',
    })
    const other = { ...config(), model: { name: 'llama3:8b' } }
    expect(await target.check(other, signal)).toMatchObject({
      available: false,
      fix: expect.stringContaining('docker --context box run --detach') as string,
    })
    expect(await target.check(config({ models: 'models' }), signal)).toMatchObject({
      available: false,
      why: 'the folder of models `models` is relative, but the engine is on another machine',
    })
    expect(await containers()).toBe('')
  })
})
