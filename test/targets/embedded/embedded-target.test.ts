import { Ollama } from 'ollama'
import { describe, expect, it } from 'vitest'
import { startEngine } from '../../../src/embedded/engine-process.ts'
import { EmbeddedTarget } from '../../../src/targets/embedded/embedded-target.ts'
import type { StartEngine } from '../../../src/targets/embedded/embedded-target.ts'
import { configFor } from '../config.ts'

const { signal } = new AbortController()

const noProblem = () => Promise.resolve(undefined)

describe('EmbeddedTarget', () => {
  it('runs a config of any other kind with its settings and with the trial’s own options', async () => {
    const config = configFor(
      { kind: 'process', pull: false },
      {
        env: {
          OLLAMA_NUM_PARALLEL: '3',
          OLLAMA_NUM_THREADS: '8',
          OLLAMA_HOST: '0.0.0.0:1',
          OLLAMA_API_TOKEN: 'secret',
          PATH: '/nowhere',
        },
        options: { num_ctx: 256, num_thread: 1 },
      },
    )
    let env: Readonly<Record<string, string>> = {}
    const watched: StartEngine = (options) => {
      env = options.env
      return startEngine(options)
    }
    const running = await new EmbeddedTarget(watched, noProblem).start(config, signal)
    expect(env).toEqual({ OLLAMA_NUM_PARALLEL: '3', OLLAMA_NUM_THREADS: '8' })
    const observed = await running.observe('before', signal)
    expect(Object.assign({}, ...observed.map(({ facts }) => facts))).toMatchObject({
      slots: 3,
      contextTotal: 768,
      contextLength: 256,
      threads: 1,
      computeDevice: 'CPU',
      loadCount: 0,
      crashes: 0,
    })
    expect((await new Ollama({ host: running.url }).ps()).models).toHaveLength(1)
    await running.stop()
    await running.stop()
    await expect(new Ollama({ host: running.url }).ps()).rejects.toThrow()
  })

  it('is not available if the engine cannot start on this machine', async () => {
    const problem = { why: 'the cache cannot be written', fix: 'Set `XDG_CACHE_HOME`.' }
    const target = new EmbeddedTarget(startEngine, () => Promise.resolve(problem))
    expect(await target.check(configFor({ kind: 'embedded' }))).toEqual({
      available: false,
      ...problem,
    })
  })

  it('serves its synthetic model in place of a pinned one, and says so if the file asks for it', async () => {
    const model = { name: 'qwen3:0.6b', digest: '0f1e2d3c4b5a' }
    const target = new EmbeddedTarget(startEngine, noProblem)
    const asked = configFor({ kind: 'embedded' }, { model })
    expect(await target.check(asked)).toEqual({
      available: true,
      notes: [
        'the embedded engine has a synthetic model, so the digest of `qwen3:0.6b` is not checked',
      ],
    })
    const running = await target.start(asked, signal)
    await running.stop()
  })

  it('reports that the engine exited during the trial', async () => {
    let pid = 0
    const watched: StartEngine = async (options) => {
      const engine = await startEngine(options)
      pid = engine.pid
      return engine
    }
    const running = await new EmbeddedTarget(watched, noProblem).start(
      configFor({ kind: 'embedded' }),
      signal,
    )
    process.kill(pid, 'SIGKILL')
    await expect.poll(() => running.exitReason(), { timeout: 30_000 }).toMatch(/ended while it was/)
    const after = await running.observe('after', signal)
    expect(after.find(({ source }) => source === 'server log')?.facts.crashes).toBe(1)
    await running.stop()
  })
})
