import { mkdir, readdir, readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { Ollama } from 'ollama'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { systemTools } from '../../../src/host/machine-tools.ts'
import { engineVersion } from '../../support/ollama-program.ts'
import type { Accident } from '../../support/ollama-program.ts'
import { exists, model, ProcessFixture, signal } from './process-fixture.ts'

let fixture: ProcessFixture
beforeAll(async () => {
  fixture = await ProcessFixture.create()
})
afterEach(() => fixture.stopAll())
afterAll(() => fixture.remove())

async function failure(accident: Accident): Promise<string> {
  return fixture
    .target()
    .start(fixture.config(accident), signal)
    .then(
      () => 'it started',
      (error: unknown) => (error instanceof Error ? error.message : String(error)),
    )
}

describe('ProcessTarget', () => {
  it('starts a server with the requested settings, which another client sees too, and ends it', async () => {
    const started = await fixture.start(fixture.config())
    const group = await fixture.startedGroup()
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
    expect(started.processes).toEqual({ kind: 'process', pid: group })
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
    expect(await started.exitReason()).toBeUndefined()
    await started.stop()
    await started.stop()
    expect(exists(-group)).toBe(false)
    expect(await fixture.recordedGroups()).toEqual([])
  })

  it('becomes ready although the first connections hang', async () => {
    const started = await fixture.start(fixture.config('hangs-at-first'))
    expect((await new Ollama({ host: started.url }).ps()).models).toHaveLength(1)
  })

  it('tries another port if another server takes the first one, and ignores the answers of that server', async () => {
    const started = await fixture.start(fixture.config('port-taken'))
    const taken = await readFile(join(fixture.folder, 'port-was-taken'), 'utf8')
    expect(started.url).not.toContain(`:${taken}`)
    expect(await fixture.recordedGroups()).toHaveLength(1)
  })

  it.each([
    [
      'crashes-at-start',
      /ended \(exit code 1\) before it was ready; its log ends: Error: cannot open config: denied$/,
    ],
    [
      'crashes-at-load',
      /ended \(exit code 2\) while it loaded `qwen3:0.6b`; its log says: panic: out of memory/,
    ],
  ] as const)(
    'reports a server that %s with the last lines of its log, without paths',
    async (accident, message) => {
      expect(await failure(accident)).toMatch(message)
      expect(await fixture.recordedGroups()).toEqual([])
    },
  )

  it('reports that the server crashed during the trial', async () => {
    const started = await fixture.start(fixture.config('crashes-while-serving'))
    const client = new Ollama({ host: started.url })
    const chat = () =>
      client.chat({
        model,
        messages: [{ role: 'user', content: 'a' }],
        options: { num_predict: 2 },
      })
    for (let request = 0; request < 2; request += 1) await chat().catch(() => undefined)
    await expect(chat()).rejects.toThrow()
    // The connection breaks a moment before the system reports the exit.
    await expect
      .poll(() => started.exitReason(), { timeout: 30_000 })
      .toMatch(/^`ollama serve` ended \(signal SIGKILL\) while it was measured; its log ends: /)
    const after = await started.observe('after', signal)
    expect(after.find(({ source }) => source === 'server log')?.facts.crashes).toBe(1)
    expect(after.find(({ source }) => source === '/api/ps')?.missing?.vramBytes).toContain(
      'connection refused',
    )
  })

  it.each(['ignores-sigterm', 'forks'] as const)('ends a server that %s', async (accident) => {
    const started = await fixture.start(fixture.config(accident))
    const group = await fixture.startedGroup()
    await started.stop()
    expect(exists(-group)).toBe(false)
    expect(await fixture.recordedGroups()).toEqual([])
  })

  it.skipIf(process.platform !== 'linux')(
    'ends a child that left the process group (only Linux shows which processes belong to it)',
    async () => {
      const started = await fixture.start(fixture.config('escapes'))
      const escaped = Number(await readFile(join(fixture.folder, 'escaped'), 'utf8'))
      expect(exists(escaped)).toBe(true)
      await started.stop()
      await expect.poll(() => exists(escaped), { timeout: 40_000 }).toBe(false)
      expect(await fixture.recordedGroups()).toEqual([])
    },
  )

  it('ends the server if the start is aborted', async () => {
    const stop = new AbortController()
    const start = fixture.target().start(fixture.config('hangs-at-first'), stop.signal)
    setTimeout(() => stop.abort(new Error('enough')), 800)
    await expect(start).rejects.toThrow()
    expect(await fixture.recordedGroups()).toEqual([])
  })
})

describe('ProcessTarget.check', () => {
  it('accepts a model whose file is in the store', async () => {
    expect(await fixture.target().check(fixture.config(), signal)).toEqual({
      available: true,
      notes: [],
    })
  })

  it('starts a server to find out about a model that is not in the store, and leaves nothing running', async () => {
    const missing = fixture.config('none', { model: { name: 'llama3:8b' } })
    expect(await fixture.target().check(missing, signal)).toMatchObject({
      available: false,
      why: `the model store \`${join(fixture.folder, 'models')}\` does not have the model \`llama3:8b\``,
      fix: expect.stringContaining(
        `\`OLLAMA_MODELS=${join(fixture.folder, 'models')} ollama pull llama3:8b\``,
      ) as string,
    })
    expect(await fixture.recordedGroups()).toEqual([])
    const pulled = {
      ...missing,
      target: { kind: 'process', pull: true, version: engineVersion },
    } as const
    expect(await fixture.target().check(pulled, signal)).toEqual({
      available: true,
      notes: ['`llama3:8b` will be pulled'],
    })
  })

  it('starts no server for a store that does not exist, and creates neither it nor ~/.ollama', async () => {
    const home = join(fixture.folder, 'empty-home')
    await mkdir(home)
    const store = join(home, '.ollama/models')
    const target = fixture.target({
      env: { ...process.env, HOME: home },
      settings: { ollama: { binaries: { [engineVersion]: fixture.binary }, models: store } },
      stateFolder: join(fixture.folder, 'no-state'),
    })
    expect(await target.check(fixture.config(), signal)).toMatchObject({
      available: false,
      why: `the model store \`${store}\` does not have the model \`${model}\``,
    })
    expect(await readdir(home)).toEqual([])
    await expect(readdir(join(fixture.folder, 'no-state'))).rejects.toThrow('ENOENT')
  })

  it('starts no server for an empty store, and creates no folder in it', async () => {
    const store = join(fixture.folder, 'empty-store')
    await mkdir(store)
    const target = fixture.target({
      settings: { ollama: { binaries: { [engineVersion]: fixture.binary }, models: store } },
    })
    expect(await target.check(fixture.config(), signal)).toMatchObject({ available: false })
    expect(await readdir(store)).toEqual([])
  })

  it('gives a server another HOME if ~/.ollama has no key, so that none is created there', async () => {
    const home = join(fixture.folder, 'home-without-key')
    await mkdir(join(home, '.ollama'), { recursive: true })
    const started = await fixture.start(fixture.config('writes-key'), {
      env: { ...process.env, HOME: home },
    })
    await started.stop()
    expect(await readdir(join(home, '.ollama'))).toEqual([])
    expect(await readdir(join(fixture.stateFolder, 'home/.ollama'))).toEqual(['id_ed25519'])
  })

  it('asks a server for the digest of a pinned model, rejects another one, and leaves nothing running', async () => {
    const pinned = (digest: string) => fixture.config('none', { model: { name: model, digest } })
    const other = await fixture.target().check(pinned('0f1e2d3c4b5a'), signal)
    const why =
      /^the server has `qwen3:0.6b` with the digest `([0-9a-f]{12})`, but the file pins `0f1e2d3c4b5a`$/
    expect(other).toMatchObject({ available: false, why: expect.stringMatching(why) as string })
    expect(await fixture.recordedGroups()).toEqual([])
    const digest = why.exec('why' in other ? other.why : '')?.[1] ?? ''
    expect(await fixture.target().check(pinned(digest), signal)).toMatchObject({ available: true })
    await expect(fixture.start(pinned('0f1e2d3c4b5a'))).rejects.toThrow('the file pins')
    expect(await fixture.recordedGroups()).toEqual([])
  })

  it('rejects a version that is not installed, with a hint to name its program in exp.local.yaml', async () => {
    const requested = {
      ...fixture.config(),
      target: { kind: 'process', version: '0.11.3', pull: false },
    } as const
    const onPath = { PATH: `${dirname(fixture.binary)}:${process.env['PATH'] ?? ''}` }
    const tools = systemTools()
    const withOllama = fixture.target({
      tools: {
        ...tools,
        run: (file, args, options) =>
          tools.run(file === 'ollama' ? fixture.binary : file, args, options),
      },
      env: onPath,
    })
    expect(await withOllama.check(requested, signal)).toMatchObject({
      why: `the target needs Ollama 0.11.3, but ${engineVersion} is installed`,
      fix: expect.stringContaining('ollama: {binaries: {"0.11.3": PATH}}') as string,
    })
    const wrong = fixture.target({
      settings: { ollama: { binaries: { '0.11.3': fixture.binary } } },
    })
    expect(await wrong.check(requested, signal)).toMatchObject({
      why: `the program for Ollama 0.11.3 reports version ${engineVersion}`,
    })
    const missing = fixture.target({
      settings: { ollama: { binaries: { '0.11.3': `${fixture.binary}-gone` } } },
    })
    expect(await missing.check(requested, signal)).toMatchObject({
      why: 'the program for Ollama 0.11.3 does not exist',
    })
  })

  it.each([
    [{ A: 'x\ny' }, 'the value of `A` contains a line break'],
    [{ 'A=B': 'x' }, '`A=B` cannot be the name of an environment variable'],
  ])('rejects %j', async (env, why) => {
    expect(await fixture.target().check(fixture.config('none', { env }), signal)).toMatchObject({
      available: false,
      why,
    })
  })

  it('rejects a model name that would lead out of the store', async () => {
    for (const name of ['../../etc/passwd', '--help', 'a b', '/x', 'a/../b/c'])
      expect(
        await fixture.target().check(fixture.config('none', { model: { name } }), signal),
        name,
      ).toMatchObject({ available: false })
  })
})
