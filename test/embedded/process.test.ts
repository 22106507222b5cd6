import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { startEngine } from '../../src/embedded/engine-process.ts'
import { endlessText, lastLine, model, runEngine, until } from './running-engine.ts'

const source = (file: string): string =>
  fileURLToPath(new URL(`../../src/embedded/${file}`, import.meta.url))

const isRunning = (pid: number): boolean => {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

interface Ended {
  readonly code: number | null
  readonly log: string
}

/** Runs the engine's program until it exits. */
async function runMain(
  commands: readonly string[],
  env: Readonly<Record<string, string>>,
  onLog: (log: string, pid: number) => void = () => undefined,
): Promise<Ended> {
  const child = spawn(process.execPath, ['--import', 'tsx', source('main.ts'), ...commands], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  let log = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    log += text
    onLog(log, child.pid ?? 0)
  })
  const [code] = (await once(child, 'close')) as [number | null]
  return { code, log }
}

describe('the engine program', () => {
  it.each(['SIGTERM', 'SIGINT'] as const)('shuts down on %s', async (signal) => {
    const env = { OLLAMA_HOST: '127.0.0.1:0' }
    let isTold = false
    const { code, log } = await runMain(['serve'], env, (soFar, pid) => {
      if (isTold || !soFar.includes('inference compute')) return
      isTold = true
      process.kill(pid, signal)
    })
    expect(code).toBe(0)
    expect(log).toMatch(/msg="server config".*\n.*msg="Listening on 127\.0\.0\.1:\d+ \(version /)
  })

  it('reports that the port is already in use', async () => {
    const other = createServer().listen(0, '127.0.0.1')
    await once(other, 'listening')
    const address = other.address()
    const port = typeof address === 'object' && address !== null ? String(address.port) : ''
    const { code, log } = await runMain([], { OLLAMA_HOST: `127.0.0.1:${port}` })
    other.close()
    expect(code).toBe(1)
    expect(log).toContain(`Error: listen tcp 127.0.0.1:${port}: bind: address already in use`)
  })

  it('refuses an unknown command', async () => {
    expect(await runMain(['run'], {})).toMatchObject({
      code: 1,
      log: expect.stringContaining('unknown command `run`') as unknown,
    })
  })
})

describe('startEngine', () => {
  it('stops the process, and may be stopped twice', async () => {
    const { process: engine } = await runEngine({})
    expect(isRunning(engine.pid)).toBe(true)
    await Promise.all([engine.stop(), engine.stop()])
    expect(isRunning(engine.pid)).toBe(false)
  })

  it('stops the process in the middle of an answer', async () => {
    const running = await runEngine({})
    const engine = running.process
    const answer = running
      .post('/api/generate', { model, prompt: 'x', format: endlessText })
      .catch(() => 'cut')
    await until(() => engine.log().some((line) => line.includes('llama-server started')))
    await engine.stop()
    expect(await answer).toBe('cut')
    expect(isRunning(engine.pid)).toBe(false)
  })

  it('reports why the engine did not start', async () => {
    const start = { models: [], signal: new AbortController().signal }
    await expect(
      startEngine({ ...start, env: { XDG_CACHE_HOME: '/dev/null' } }),
    ).rejects.toMatchObject({
      code: 'environment',
      message: 'the embedded engine did not start: it ended with 1',
      hint: expect.stringContaining('weights cannot be written') as unknown,
    })
  })

  it('aborts the start when its signal is aborted', async () => {
    const gone = new AbortController()
    const starting = startEngine({
      env: {},
      models: [],
      signal: gone.signal,
      onLog: (line) => {
        if (line.includes('Listening')) gone.abort(new Error('enough'))
      },
    })
    await expect(starting).rejects.toThrow('enough')
  })

  it('exits when the process that started it is killed', async () => {
    const script = `
      const { startEngine } = await import(${JSON.stringify(source('engine-process.ts'))})
      const engine = await startEngine({ env: {}, models: [], signal: new AbortController().signal })
      console.log(engine.pid)`
    const parent = spawn(
      process.execPath,
      ['--import', 'tsx', '--input-type=module', '--eval', script],
      { stdio: ['ignore', 'pipe', 'inherit'] },
    )
    const [text] = (await once(parent.stdout, 'data')) as [Buffer]
    const pid = Number(text.toString())
    expect(isRunning(pid)).toBe(true)
    parent.kill('SIGKILL')
    await until(() => !isRunning(pid))
  })

  it('passes on the settings of the config, but no Ollama variable from the environment of `exp`', async () => {
    process.env['OLLAMA_NUM_PARALLEL'] = '3'
    const engine = await runEngine({ OLLAMA_CONTEXT_LENGTH: '512', OLLAMA_KV_CACHE_TYPE: 'q8_0' })
    delete process.env['OLLAMA_NUM_PARALLEL']
    const { text } = await engine.post('/api/generate', { model, prompt: 'x' })
    expect(lastLine(text).eval_count).toBeGreaterThan(0)
    await engine.writtenLines()
    const log = engine.process.log().join('\n')
    expect(log).toContain(' -c 512 -np 1 ')
    expect(log).toContain('--cache-type-k q8_0')
    expect(log).not.toContain('[GIN]')
    await engine.process.stop()
  })

  it('reports a model that cannot be loaded', async () => {
    const engine = await runEngine({ OLLAMA_FLASH_ATTENTION: '0', OLLAMA_KV_CACHE_TYPE: 'q8_0' })
    const { status, text } = await engine.post('/api/generate', { model, prompt: 'x' })
    expect(status).toBe(500)
    expect(text).toContain('llama-server process has terminated: ')
    await engine.process.stop()
  })
})
