import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { systemTools } from '../../../src/host/machine-tools.ts'
import { findOrphans } from '../../../src/targets/orphans.ts'
import { RemoteProcessTarget } from '../../../src/targets/remote-process/remote-process-target.ts'
import type { Target } from '../../../src/experiment/target-kinds.ts'
import type { Observation, RunningTarget } from '../../../src/targets/target.ts'
import { builtOllama, modelStore, realModel } from '../../support/real-ollama.ts'
import { hasRemoteEngine, remoteEnvironment } from '../../support/remote-engine.ts'
import { installRemoteOllama, processesOf, sshOf } from '../../support/remote-ollama.ts'
import { configFor } from '../config.ts'

const { signal } = new AbortController()
const version = '0.11.3'
const program = await builtOllama(version)
const canRun = program !== undefined && (await hasRemoteEngine())
const stateFolder = await mkdtemp(join(tmpdir(), 'exp-remote-state-'))
vi.setConfig({ testTimeout: 300_000, hookTimeout: 300_000 })

function factsOf(observations: readonly Observation[]): Record<string, unknown> {
  return Object.assign({}, ...observations.map(({ facts }) => facts)) as Record<string, unknown>
}

describe.skipIf(!canRun)('a process on another machine (skipped without its ssh server)', () => {
  let models = ''
  let target: RemoteProcessTarget
  const running: RunningTarget[] = []
  const config = (
    settings: Partial<Target<'process'>> = {},
    env: Readonly<Record<string, string>> = {},
    model = realModel,
  ) =>
    configFor(
      { kind: 'process', ssh: 'exp-box', models, pull: false, ...settings },
      { env, model: { name: model }, options: { num_ctx: 512 } },
    )
  const start = async (env: Readonly<Record<string, string>> = {}) => {
    const started = await target.start(config({}, env), signal)
    running.push(started)
    return started
  }

  beforeAll(async () => {
    for (const [name, value] of Object.entries(await remoteEnvironment())) vi.stubEnv(name, value)
    target = new RemoteProcessTarget({
      tools: systemTools(),
      env: process.env,
      stateFolder,
      onPull: () => undefined,
    })
    await installRemoteOllama(program ?? '')
    models = await modelStore(program ?? '')
  })
  afterEach(async () => {
    for (const each of running.splice(0)) await each.stop()
  })
  afterAll(async () => {
    await rm(stateFolder, { recursive: true, force: true })
    vi.unstubAllEnvs()
  })

  it('starts the server there, and reads the facts of its machine', async () => {
    expect(await target.check(config({ version }), signal)).toEqual({
      available: true,
      // Such as that the machine is busy.
      notes: expect.any(Array) as string[],
      machine: {
        id: expect.stringMatching(/^[0-9a-f]{12}$/) as string,
        name: 'exp-box',
        via: 'ssh',
      },
    })
    expect(await processesOf(models)).toEqual([])
    const started = await start({ OLLAMA_NUM_PARALLEL: '2' })
    // The server, and the process that computes.
    expect(await processesOf(models)).toHaveLength(2)
    expect(factsOf(await started.observe('before', signal))).toMatchObject({
      serverVersion: version,
      slots: 2,
      contextLength: 512,
      runnerCommand: expect.stringContaining('--parallel 2') as string,
      roundTripMs: expect.any(Number) as number,
    })
    const machine = (await started.observeMachine?.('all', signal)) ?? []
    expect(factsOf(machine)).toMatchObject({
      hostOs: expect.stringContaining(', kernel ') as string,
      hostArchitecture: systemTools().architecture,
      cpuCount: expect.any(Number) as number,
      cpuModel: expect.any(String) as string,
      physicalCores: expect.any(Number) as number,
      memoryBytes: expect.any(Number) as number,
      loadAverage: expect.any(Number) as number,
    })
    expect(machine.map(({ source }) => source)).not.toContain('node:os')
    expect(started.processes).toMatchObject({ kind: 'unknown', isLocal: false })
    await started.stop()
    expect(await processesOf(models)).toEqual([])
    expect(await sshOf(process.pid, 'tunnel')).toEqual([])
    expect(await sshOf(process.pid, 'server')).toEqual([])
    expect(await readdir(join(stateFolder, 'started'))).toEqual([])
  })

  it.each(['tunnel', 'server'] as const)('notices that its %s was lost', async (which) => {
    const started = await start()
    const [lost = 0] = await sshOf(process.pid, which)
    process.kill(lost, 'SIGKILL')
    await expect
      .poll(() => started.exitReason())
      .toMatch(/^the connection to the machine `exp-box` was lost while it was measured/)
    if (which === 'tunnel') await started.stop()
    await expect.poll(() => processesOf(models)).toEqual([])
  })

  it('ends a server that hears nothing, as after a cut in the network', async () => {
    await start()
    const [silent = 0] = await sshOf(process.pid, 'server')
    process.kill(silent, 'SIGSTOP')
    try {
      await expect.poll(() => processesOf(models), { timeout: 90_000 }).toEqual([])
    } finally {
      process.kill(silent, 'SIGCONT')
    }
  })

  it('says that the server ended, and ends the process that computes', async () => {
    const started = await start()
    const [server = 0] = await processesOf(models)
    process.kill(server, 'SIGKILL')
    await expect
      .poll(() => started.exitReason())
      .toMatch(/^`ollama serve` on the machine `exp-box` ended \(exit code 137\) while it was/)
    await expect.poll(() => processesOf(models)).toEqual([])
    await started.stop()
    expect(await findOrphans(stateFolder, systemTools())).toEqual([])
  })

  it.each([
    [
      'exp-box-password',
      'the machine `exp-box-password` cannot be reached by `ssh`: it accepts no key of this user, and exp never asks for a password',
    ],
    [
      'exp-box-unknown',
      'the machine `exp-box-unknown` cannot be reached by `ssh`: its host key is not known',
    ],
    [
      'exp-no-such.invalid',
      'the machine `exp-no-such.invalid` cannot be reached by `ssh`: its name cannot be resolved',
    ],
    [
      '-oProxyCommand=true',
      'the name of the machine `-oProxyCommand=true` is not one that exp passes to `ssh`',
    ],
  ])('rejects %s', async (ssh, why) => {
    const availability = await target.check(config({ ssh }), signal)
    expect(availability).toMatchObject({ available: false, why, fix: expect.any(String) as string })
  })

  it('rejects another version, a missing model and a folder without models', async () => {
    expect(await target.check(config({ version: '0.11.4' }), signal)).toEqual({
      available: false,
      why: `the target needs Ollama 0.11.4, but the machine \`exp-box\` has ${version}`,
      fix: 'install that version there, or remove `version` to measure the one that is there',
    })
    expect(await target.check(config({}, {}, 'llama3:8b'), signal)).toEqual({
      available: false,
      why: 'the machine `exp-box` does not have the model `llama3:8b`',
      fix: `set \`pull: true\` in the target, or pull it there into \`${models}\``,
    })
    const folder = join(models, 'none')
    expect(await target.check(config({ models: folder }), signal)).toMatchObject({
      available: false,
      why: `the machine \`exp-box\` does not have the model \`${realModel}\``,
    })
    expect(await readdir(models)).not.toContain('none')
    expect(await processesOf(models)).toEqual([])
  })

  it('passes what the file says as values only', async () => {
    const value = `$(touch ${join(models, 'run')}); 'touch' "it" \\`
    const started = await start({ EXP_TEST_VALUE: value })
    const [server = 0] = await processesOf(models)
    const environment = await systemTools().readText(`/proc/${server}/environ`)
    expect(environment.split('\0')).toContain(`EXP_TEST_VALUE=${value}`)
    expect(await readdir(models)).not.toContain('run')
    await started.stop()
  })
})
