import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { examineDocker } from '../../src/doctor/docker.ts'
import { examineAndCleanUp, examineMachine } from '../../src/doctor/doctor.ts'
import type { DoctorFinding } from '../../src/doctor/finding.ts'
import { examineModels, examineServer } from '../../src/doctor/ollama.ts'
import { startEngine } from '../../src/embedded/engine-process.ts'
import { ExpError } from '../../src/errors/exp-error.ts'
import { CommandFailure } from '../../src/host/command.ts'
import { systemTools } from '../../src/host/machine-tools.ts'
import { acquireMeasurementLock } from '../../src/host/processes/measurement-lock.ts'
import { manifestPath } from '../../src/targets/process/model-store.ts'
import { recordedTools } from '../host/recorded-machine.ts'
import { engineVersion, writeOllamaProgram } from '../support/ollama-program.ts'
import { cannedServer, healthy } from '../targets/canned-server.ts'
import type { CannedServer } from '../targets/canned-server.ts'
import { json, ScriptedOllama } from '../support/scripted-ollama.ts'

const { signal } = new AbortController()
let root: string
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'exp-doctor-'))
  await writeOllamaProgram(join(root, 'bin'))
  for (const model of ['qwen3:0.6b', 'me/tuned', 'hf.co/user/other:Q4_K_M']) {
    const manifest = join(root, 'models/manifests', ...manifestPath(model))
    await mkdir(dirname(manifest), { recursive: true })
    await writeFile(manifest, '{}')
  }
})
afterAll(() => rm(root, { recursive: true }))

const open: CannedServer[] = []
afterEach(async () => {
  await Promise.all(open.splice(0).map((server) => server.close()))
})

const of = (findings: readonly DoctorFinding[], what: string) =>
  findings.find((finding) => finding.what === what)

const examined = (startEngineBy = startEngine) =>
  examineAndCleanUp({
    tools: systemTools(),
    env: { ...process.env, OLLAMA_HOST: '127.0.0.1:1' },
    root,
    stateFolder: join(root, 'state'),
    startEngine: startEngineBy,
    engineProblem: () => Promise.resolve(undefined),
    signal,
  })

describe('examineAndCleanUp', () => {
  it('reports each Ollama that exp.local.yaml names, with the version that it prints, and the model store in use', async () => {
    await writeFile(
      join(root, 'exp.local.yaml'),
      `ollama:
  binaries: {"${engineVersion}": bin/ollama, "0.11.3": bin/ollama, "0.12.0": gone/ollama, "0.13.0": exp.local.yaml}
  models: models
`,
    )
    const findings = await examined()
    const fixOf = (version: string) =>
      `correct \`ollama.binaries\` in exp.local.yaml, or run \`exp ollama add ${version}\``
    expect(of(findings, `Ollama ${engineVersion}`)).toMatchObject({
      state: 'good',
      detail: `reports version ${engineVersion}: ${join(root, 'bin/ollama')}`,
    })
    expect(of(findings, 'Ollama 0.11.3')).toEqual({
      what: 'Ollama 0.11.3',
      state: 'lacking',
      detail: `the program for Ollama 0.11.3 reports version ${engineVersion}: ${join(root, 'bin/ollama')}`,
      fix: fixOf('0.11.3'),
    })
    expect(of(findings, 'Ollama 0.12.0')).toMatchObject({
      detail: expect.stringContaining('0.12.0 does not exist') as string,
      fix: fixOf('0.12.0'),
    })
    expect(of(findings, 'Ollama 0.13.0')).toMatchObject({
      detail: expect.stringContaining('0.13.0 does not run') as string,
      fix: fixOf('0.13.0'),
    })
    expect(of(findings, 'model store')).toMatchObject({
      state: 'good',
      detail: `${join(root, 'models')}: hf.co/user/other:Q4_K_M, me/tuned:latest, qwen3:0.6b`,
    })
    expect(of(findings, 'embedded engine')?.state).toBe('good')
    expect(of(findings, 'Ollama server')?.detail).toBe('no server answers at http://127.0.0.1:1')
  })

  it('continues if exp.local.yaml is invalid or the engine does not start, and reports both with a fix', async () => {
    await writeFile(join(root, 'exp.local.yaml'), 'ollama: {model: x}\n')
    const findings = await examined(() =>
      Promise.reject(new ExpError('environment', 'no llama.cpp', 'install it')),
    )
    expect(of(findings, 'exp.local.yaml')).toMatchObject({
      state: 'lacking',
      detail: expect.stringMatching(
        /^exp\.local\.yaml:1:\d+: unknown key `model`; did you mean `models`\?/,
      ) as string,
    })
    expect(of(findings, 'embedded engine')).toMatchObject({ state: 'lacking', fix: 'install it' })
    expect(of(findings, 'disk')).toBeDefined()
  })
})

describe('examineAndCleanUp during a run', () => {
  it('does not start the engine while another process measures', async () => {
    await rm(join(root, 'exp.local.yaml'), { force: true })
    const place = { stateFolder: join(root, 'state'), tools: systemTools() }
    const release = await acquireMeasurementLock('docker-opt', place, signal, () => undefined)
    expect(of(await examined(), 'embedded engine')).toEqual({
      what: 'embedded engine',
      state: 'info',
      detail: 'not tried: `exp run` is measuring (docker-opt)',
    })
    await release()
  })
})

describe('examineServer', () => {
  it('reports the running server with its models, and how to unload a loaded model', async () => {
    const busy = await cannedServer(healthy)
    const idle = await cannedServer({ ...healthy, 'GET /api/ps': { body: { models: [] } } })
    open.push(busy, idle)
    const server = (url: string) => examineServer({ OLLAMA_HOST: new URL(url).host }, signal)
    expect(await server(busy.url)).toMatchObject({
      state: 'lacking',
      detail: expect.stringMatching(
        /^0\.11\.3 at .*; models: .*; loaded now: qwen3:0.6b/,
      ) as string,
      fix: expect.stringMatching(/^ollama stop qwen3:0.6b/) as string,
    })
    expect(await server(idle.url)).toMatchObject({ state: 'good' })
  })

  it('names twenty of 9,000 models, asks about five, and lets no name be a command', async () => {
    const names = Array.from({ length: 9000 }, (_, at) => `m${at};id`)
    const models = names.map((name) => ({ name, digest: 'd', size: 1 }))
    let shown = 0
    const scripted = await ScriptedOllama.start({
      other: ({ path }) => {
        if (path === '/api/show') shown += 1
        return /tags|ps/.test(path) ? json({ models }) : undefined
      },
    })
    const env = { OLLAMA_HOST: new URL(scripted.url).host }
    try {
      const finding = await examineServer(env, signal)
      expect(finding.detail).toMatch(/models: m0;id, .*… and 8980 more; loaded now: .*8980 more$/)
      expect(finding.fix).toMatch(/^ollama stop 'm0;id' /)
      const findings = await examineModels({
        env,
        signal,
        tools: recordedTools({ platform: 'linux' }),
      })
      expect(findings).toHaveLength(6)
      expect(findings.at(-1)?.detail).toBe('8995 more models are not listed')
      expect(shown).toBe(5)
    } finally {
      await scripted.close()
    }
  })
})

const info = {
  ServerVersion: '28.0.1',
  OperatingSystem: 'Docker Desktop',
  NCPU: 4,
  MemTotal: 2 ** 33,
}
const infoCommand = 'docker info --format={{json .}}'
const engine = {
  [infoCommand]: JSON.stringify(info),
  'docker image ls --format={{.Repository}}:{{.Tag}} --filter=dangling=false':
    'ollama/ollama:0.11.3\npostgres:17\n',
  'docker volume ls --quiet --filter=name=^exp-notebook-models$': 'exp-notebook-models\n',
}
const gpu = {
  'nvidia-smi --query-gpu=name,memory.total,driver_version --format=csv,noheader':
    'NVIDIA L4, 23034 MiB, 550.54.14\n',
}

describe('examineDocker', () => {
  it('reports on a Mac that containers have no GPU, the images of Ollama, and the volume of models', async () => {
    const findings = await examineDocker(recordedTools({ platform: 'darwin', commands: engine }))
    expect(of(findings, 'Docker')?.detail).toBe('28.0.1 on Docker Desktop, 4 CPUs, 8.0 GiB')
    expect(of(findings, 'GPU in Docker')?.detail).toContain('macOS gives containers no GPU')
    expect(of(findings, 'images')?.detail).toBe('ollama/ollama:0.11.3')
    expect(of(findings, 'models in Docker')?.detail).toContain('docker volume rm')
  })

  it('says how to install the NVIDIA runtime if the host has a GPU and Docker has no runtime', async () => {
    const docker = async (extra: object) => {
      const commands = { ...engine, ...gpu, [infoCommand]: JSON.stringify({ ...info, ...extra }) }
      const findings = await examineDocker(recordedTools({ platform: 'linux', commands }))
      return of(findings, 'GPU in Docker')
    }
    expect(await docker({ Runtimes: { runc: {}, nvidia: {} } })).toMatchObject({ state: 'good' })
    expect(await docker({ Runtimes: { runc: {} } })).toMatchObject({
      state: 'lacking',
      fix: expect.stringContaining('nvidia-ctk runtime configure') as string,
    })
  })

  it('asks for no NVIDIA runtime on a host without a GPU', async () => {
    const commands = { ...engine, [infoCommand]: JSON.stringify(info) }
    const files = { '/sys/module/loop/version': '' }
    const tools = recordedTools({ platform: 'linux', commands, files })
    expect(of(await examineDocker(tools), 'GPU in Docker')).toMatchObject({ state: 'info' })
  })

  it('reports with a fix that Docker is not installed, or that its engine is not running', async () => {
    expect(await examineDocker(recordedTools({ platform: 'linux' }))).toEqual([
      {
        what: 'Docker',
        state: 'lacking',
        detail: 'Docker is not installed',
        fix: 'install it from https://docs.docker.com/get-docker/',
      },
    ])
    const stopped = {
      ...recordedTools({ platform: 'linux' }),
      run: () =>
        Promise.reject(
          new CommandFailure('failed', 'x', 'Cannot connect to the Docker daemon at unix:///x.'),
        ),
    }
    const clientWithoutEngine = recordedTools({
      platform: 'linux',
      commands: { [infoCommand]: '{"ServerErrors": ["Cannot connect"]}' },
    })
    for (const tools of [stopped, clientWithoutEngine])
      expect(await examineDocker(tools)).toMatchObject([
        { state: 'lacking', detail: expect.stringContaining('engine is not running') as string },
      ])
  })
})

describe('examineMachine', () => {
  it('reports cores, memory, GPU and disk, and conditions that disturb a measurement with their fix', async () => {
    const files = {
      '/proc/meminfo': 'MemTotal: 16000000 kB\nMemAvailable: 800000 kB\n',
      '/proc/loadavg': '7.90 6.4 3.3 1/100 1\n',
      '/sys/class/power_supply/BAT0/type': 'Battery\n',
      '/sys/class/power_supply/BAT0/status': 'Discharging\n',
    }
    const busy = recordedTools({ platform: 'linux', files, commands: gpu })
    const findings = await examineMachine(busy, '/')
    expect(of(findings, 'cores')).toEqual({
      what: 'cores',
      state: 'lacking',
      detail: '8 logical, load 7.9; the load generator uses one of them',
      fix: 'stop other programs that use the CPU, or wait until they finish',
    })
    expect(of(findings, 'memory')).toMatchObject({
      state: 'lacking',
      detail: '15.3 GiB, 0.8 GiB free',
    })
    expect(of(findings, 'power')).toMatchObject({ fix: 'plug it in' })
    expect(of(findings, 'GPU')?.detail).toContain('NVIDIA L4')
    const calm = { '/proc/loadavg': '0.10 0.1 0.1 1/100 1\n' }
    const idle = await examineMachine(recordedTools({ platform: 'linux', files: calm }), '/')
    expect(of(idle, 'cores')?.state).toBe('good')
    expect(of(idle, 'memory')?.detail).toBe('unknown')
  })
})
