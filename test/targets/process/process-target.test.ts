import { mkdtemp, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { Ollama } from 'ollama'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import type { MeasuredConfig } from '../../../src/experiment/experiment.ts'
import type { Target } from '../../../src/experiment/target-kinds.ts'
import { systemTools } from '../../../src/host/machine-tools.ts'
import { manifestPath } from '../../../src/targets/process/model-store.ts'
import { findOrphans } from '../../../src/targets/orphans/orphans.ts'
import { ProcessTarget } from '../../../src/targets/process/process-target.ts'
import type { ProcessDependencies } from '../../../src/targets/process/process-target.ts'
import type { RunningTarget } from '../../../src/targets/target.ts'
import { engineVersion, writeOllamaProgram } from '../../support/ollama-program.ts'
import type { Accident } from '../../support/ollama-program.ts'
import { configFor } from '../config.ts'

const { signal } = new AbortController()
const model = 'qwen3:0.6b'
let folder: string
let binary: string
let store: string
let stateFolder: string
const running: RunningTarget[] = []

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'exp-process-'))
  binary = await writeOllamaProgram(join(folder, 'bin'))
  store = join(folder, 'models')
  stateFolder = join(folder, 'state')
  const manifest = join(store, 'manifests', ...manifestPath(model))
  await mkdir(dirname(manifest), { recursive: true })
  await writeFile(manifest, '{}')
})

afterEach(async () => {
  await Promise.all(running.splice(0).map((target) => target.stop()))
})

afterAll(() => rm(folder, { recursive: true }))

function target(changes: Partial<ProcessDependencies> = {}): ProcessTarget {
  return new ProcessTarget({
    tools: systemTools(),
    env: {
      ...process.env,
      OLLAMA_NUM_PARALLEL: '7',
      LLAMA_ARG_THREADS: '9',
      OLLAMA_HOST: '127.0.0.1:11434',
    },
    settings: { ollama: { binaries: { [engineVersion]: binary }, models: store } },
    stateFolder,
    folder,
    runningStore: () => Promise.resolve(undefined),
    onPull: () => undefined,
    ...changes,
  })
}

function config(
  accident: Accident = 'none',
  changes: Partial<MeasuredConfig> = {},
): MeasuredConfig {
  const asked: Target = { kind: 'process', version: engineVersion, pull: false }
  return {
    ...configFor(asked, { options: { num_ctx: 512, num_thread: 1 } }),
    env: {
      OLLAMA_NUM_PARALLEL: '2',
      EXP_EMBEDDED_MODELS: model,
      XDG_CACHE_HOME: join(folder, 'cache'),
      TEST_OLLAMA: accident,
      TEST_FOLDER: folder,
    },
    ...changes,
  }
}

async function start(asked: MeasuredConfig): Promise<RunningTarget> {
  const started = await target().start(asked, signal)
  running.push(started)
  return started
}

/** Process groups that are recorded as started and not yet ended. */
async function recorded(): Promise<readonly number[]> {
  const names = await readdir(join(stateFolder, 'started')).catch(() => [])
  return names.map((name) => Number(name.replace('.json', '')))
}

function groupExists(group: number): boolean {
  return isThere(-group)
}

/** A process; of a negative number, the group. */
function isThere(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

async function theGroup(): Promise<number> {
  const [group] = await recorded()
  if (group === undefined) throw new Error('nothing is recorded')
  return group
}

async function failure(accident: Accident): Promise<string> {
  return target()
    .start(config(accident), signal)
    .then(
      () => 'it started',
      (error: unknown) => (error instanceof Error ? error.message : String(error)),
    )
}

describe('a process of its own', () => {
  it('runs with the settings that were asked for, which a client sees too, and is ended', async () => {
    const started = await start(config())
    const group = await theGroup()
    const facts = Object.assign(
      {},
      ...(await started.observe('before', signal)).map((observation) => observation.facts),
    ) as Record<string, unknown>
    expect(facts).toMatchObject({
      serverVersion: engineVersion,
      slots: 2,
      contextTotal: 1024,
      threads: 1,
      contextLength: 512,
      computeDevice: 'CPU',
      loadCount: 0,
      crashes: 0,
    })
    expect(JSON.parse(String(facts['serverConfig']))).toMatchObject({ OLLAMA_NUM_PARALLEL: '2' })
    const client = new Ollama({ host: started.url })
    const ps = await client.ps()
    expect(ps.models[0]).toMatchObject({ name: model, context_length: 512 })
    await client.generate({
      model,
      prompt: 'a',
      options: { num_ctx: 512, num_thread: 1, num_predict: 3 },
    })
    const same = await started.observe('after', signal)
    expect(same.find(({ source }) => source === 'server log')?.facts.loadCount).toBe(0)
    await client.generate({ model, prompt: 'a', options: { num_ctx: 1024, num_predict: 3 } })
    const after = await started.observe('after', signal)
    expect(after.find(({ source }) => source === 'server log')?.facts.loadCount).toBe(1)
    expect(await started.ended()).toBeUndefined()
    await started.stop()
    await started.stop()
    expect(groupExists(group)).toBe(false)
    expect(await recorded()).toEqual([])
  })

  it('is ready although its first connections hang', async () => {
    const started = await start(config('hangs-at-first'))
    expect((await new Ollama({ host: started.url }).ps()).models).toHaveLength(1)
  })

  it('takes another port where one was taken in between, and is not taken in by who took it', async () => {
    const started = await start(config('port-taken'))
    const taken = await readFile(join(folder, 'port-was-taken'), 'utf8')
    expect(started.url).not.toContain(`:${taken}`)
    expect(await recorded()).toHaveLength(1)
  })

  it.each([
    [
      'crashes-at-start',
      /ended \(exit code 1\) before it was ready; its log ends: Error: cannot open config: denied$/,
    ],
    [
      'crashes-at-load',
      /ended \(exit code 2\) while it loaded `qwen3:0.6b`; its log ends: .*panic: out of memory/,
    ],
  ] as const)('that %s tells the last lines of its log, cleaned', async (accident, message) => {
    expect(await failure(accident)).toMatch(message)
    expect(await recorded()).toEqual([])
  })

  it('that crashes while it serves is known to have crashed', async () => {
    const started = await start(config('crashes-while-serving'))
    const client = new Ollama({ host: started.url })
    const chat = () =>
      client.chat({
        model,
        messages: [{ role: 'user', content: 'a' }],
        options: { num_predict: 2 },
      })
    for (let request = 0; request < 2; request += 1) await chat().catch(() => undefined)
    await expect(chat()).rejects.toThrow()
    // The connection breaks a moment before the system says that the process is gone.
    await expect
      .poll(() => started.ended(), { timeout: 30_000 })
      .toMatch(/^`ollama serve` ended \(signal SIGKILL\) while it was measured; its log ends: /)
    const after = await started.observe('after', signal)
    expect(after.find(({ source }) => source === 'server log')?.facts.crashes).toBe(1)
    expect(after.find(({ source }) => source === '/api/ps')?.missing?.vramBytes).toContain(
      'connection refused',
    )
  })

  it.each(['ignores-sigterm', 'forks'] as const)(
    'that %s is ended all the same',
    async (accident) => {
      const started = await start(config(accident))
      const group = await theGroup()
      await started.stop()
      expect(groupExists(group)).toBe(false)
      expect(await recorded()).toEqual([])
    },
  )

  it.skipIf(process.platform !== 'linux')(
    'takes a child along that left its group (only Linux shows which processes are its)',
    async () => {
      const started = await start(config('escapes'))
      const escaped = Number(await readFile(join(folder, 'escaped'), 'utf8'))
      expect(isThere(escaped)).toBe(true)
      await started.stop()
      await expect.poll(() => isThere(escaped), { timeout: 40_000 }).toBe(false)
      expect(await recorded()).toEqual([])
    },
  )

  it('is ended when the start is given up', async () => {
    const stop = new AbortController()
    const start = target().start(config('hangs-at-first'), stop.signal)
    setTimeout(() => stop.abort(new Error('enough')), 800)
    await expect(start).rejects.toThrow()
    expect(await recorded()).toEqual([])
  })
})

describe('check of a process target', () => {
  it('finds the model by its file', async () => {
    expect(await target().check(config(), signal)).toEqual({ available: true, notes: [] })
  })

  it('asks the server about a model that the store does not show, and leaves nothing running', async () => {
    const missing = config('none', { model: { name: 'llama3:8b' } })
    expect(await target().check(missing, signal)).toMatchObject({
      available: false,
      why: expect.stringContaining('does not have the model `llama3:8b`') as string,
      fix: 'ollama pull llama3:8b',
    })
    expect(await recorded()).toEqual([])
    const pulled = {
      ...missing,
      target: { kind: 'process', pull: true, version: engineVersion },
    } as const
    expect(await target().check(pulled, signal)).toEqual({
      available: true,
      notes: ['`llama3:8b` will be pulled'],
    })
  })

  it('says that a version is not there, and where to name it', async () => {
    const asked = {
      ...config(),
      target: { kind: 'process', version: '0.11.3', pull: false },
    } as const
    const onPath = { PATH: `${dirname(binary)}:${process.env['PATH'] ?? ''}` }
    const tools = systemTools()
    const withOllama = target({
      tools: {
        ...tools,
        run: (file, args, options) => tools.run(file === 'ollama' ? binary : file, args, options),
      },
      env: onPath,
    })
    expect(await withOllama.check(asked, signal)).toMatchObject({
      why: `Ollama 0.11.3 is asked for, and ${engineVersion} is installed`,
      fix: expect.stringContaining('ollama: {binaries: {"0.11.3": PATH}}') as string,
    })
    const wrong = target({ settings: { ollama: { binaries: { '0.11.3': binary } } } })
    expect(await wrong.check(asked, signal)).toMatchObject({
      why: `what exp.local.yaml names as Ollama 0.11.3 is ${engineVersion}`,
    })
    const gone = target({ settings: { ollama: { binaries: { '0.11.3': `${binary}-gone` } } } })
    expect(await gone.check(asked, signal)).toMatchObject({
      why: 'what exp.local.yaml names as Ollama 0.11.3 is not there',
    })
  })

  it.each([
    [{ A: 'x\ny' }, 'the value of `A` holds a line break'],
    [{ 'A=B': 'x' }, '`A=B` cannot be the name of an environment variable'],
  ])('refuses %j', async (env, why) => {
    expect(await target().check(config('none', { env }), signal)).toMatchObject({
      available: false,
      why,
    })
  })

  it('refuses a model name that would lead out of the store', async () => {
    for (const name of ['../../etc/passwd', '--help', 'a b', '/x', 'a/../b/c'])
      expect(await target().check(config('none', { model: { name } }), signal), name).toMatchObject(
        { available: false },
      )
  })
})

describe('findOrphans', () => {
  it('leaves alone what a living exp has started', async () => {
    await start(config())
    const orphans = await findOrphans(stateFolder, systemTools())
    expect(orphans.filter(({ what }) => what.includes('ollama serve'))).toEqual([])
  })

  it('finds and ends what a killed one has left', async () => {
    await start(config('forks'))
    const group = await theGroup()
    const file = join(stateFolder, 'started', `${group}.json`)
    const record = JSON.parse(await readFile(file, 'utf8')) as { owner: { start: string } }
    await writeFile(
      file,
      JSON.stringify({ ...record, owner: { ...record.owner, start: 'before' } }),
    )
    const [orphan] = await findOrphans(stateFolder, systemTools())
    expect(orphan?.what).toBe(`\`ollama serve\` (process ${group})`)
    await orphan?.remove()
    expect(groupExists(group)).toBe(false)
    expect(await findOrphans(stateFolder, systemTools())).toEqual([])
  })

  it.skipIf(process.platform !== 'linux')(
    'finds and ends what left the group of a killed one',
    async () => {
      await start(config('escapes'))
      const escaped = Number(await readFile(join(folder, 'escaped'), 'utf8'))
      const group = await theGroup()
      const file = join(stateFolder, 'started', `${group}.json`)
      const record = JSON.parse(await readFile(file, 'utf8')) as { owner: { start: string } }
      process.kill(-group, 'SIGKILL')
      await expect.poll(() => groupExists(group), { timeout: 40_000 }).toBe(false)
      await writeFile(
        file,
        JSON.stringify({ ...record, owner: { ...record.owner, start: 'before' } }),
      )
      const [orphan] = await findOrphans(stateFolder, systemTools())
      await orphan?.remove()
      await expect.poll(() => isThere(escaped), { timeout: 40_000 }).toBe(false)
      expect(await recorded()).toEqual([])
    },
  )

  it('forgets a record whose process number is another’s by now', async () => {
    await mkdir(join(stateFolder, 'started'), { recursive: true })
    const mine = { pid: process.pid, start: 'another time' }
    const file = join(stateFolder, 'started', `${process.pid}.json`)
    await writeFile(file, JSON.stringify({ leader: mine, owner: mine, what: 'ollama serve' }))
    expect(await findOrphans(stateFolder, systemTools())).toEqual([])
    expect(await recorded()).toEqual([])
  })
})
